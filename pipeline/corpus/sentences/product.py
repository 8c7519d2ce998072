"""Opinions of products: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

PRODUCT = Domain(
    split(
        "phone, laptop, camera, vacuum cleaner, kettle, toaster, chair, sofa, mattress, lamp, bike, car, printer, "
        "headset, speaker, watch, tablet, keyboard, mouse, monitor, tv, fridge, oven, knife, pan, backpack, suitcase, "
        "umbrella, toy, tent, drill, razor, shampoo, perfume, cream, lipstick, pillow, blanket, dress, jacket, shirt, "
        "coat, pair of shoes, pair of jeans, sweater, bag, wallet, charger, battery, router, product, item, gadget, "
        "device, microwave, dishwasher, hair dryer, stroller, desk, heater, fan, mixer, blender, pen, helmet, gift"
    ),
    split(
        "quality, design, battery life, screen, sound, picture, packaging, price, fabric, material, colour, color, "
        "fit, handle, zip, motor, lid, remote, display, build quality, finish, charger, touchpad, stitching, sound "
        "quality, picture quality, size, value, smell, weight, warranty, cable, strap, lens, grip"
    ),
    split(
        "buttons, headphones, earbuds, shoes, boots, batteries, gloves, sunglasses, instructions, wheels, curtains, "
        "straps"
    ),
    Both(
        split(
            "sturdy, durable, reliable, handy, practical, useful, comfortable, well made, solid, high-quality, "
            "powerful, fast, lightweight, easy to use, stylish, sleek, affordable, cheap and cheerful, versatile, "
            "efficient, robust, compact, quiet, soft, convenient, well designed, sharp, smooth, long-lasting, "
            "accurate, functional, good-looking, waterproof, ergonomic, indispensable, strong, precise, responsive, "
            "user-friendly, flattering"
        ),
        split(
            "flimsy, faulty, defective, broken, cheaply made, useless, unreliable, uncomfortable, overpriced, fragile, "
            "noisy, bulky, heavy, clumsy, shoddy, poorly made, slow, weak, ugly, impractical, worthless, itchy, leaky, "
            "scratchy, wobbly, cheap-looking, badly designed, blurry, inaccurate, hard to use, unusable, damaged, "
            "dangerous, see-through, smelly, counterfeit, fake, glitchy, loud, poor quality, rusty, crooked, brittle"
        ),
    ),
    Both(
        lines(
            """
            it works perfectly
            it does exactly what it should
            it has lasted for years
            it fits perfectly
            it arrived on time
            I use it every day
            it was easy to set up
            it looks even nicer than in the pictures
            I bought a second one for my mother
            it feels solid
            it saves me a lot of time
            it charges quickly
            it cleans up easily
            it still looks like new
            it does the job
            it makes life easier
            the battery lasts for days
            it was delivered the next day
            it survived a fall down the stairs
            my back no longer hurts
            my skin feels so soft
            I get compliments every time I wear it
            it was well packed
            the sound is crystal clear
            it heats up in seconds
            it keeps the coffee hot for hours
            the kids play with it all day
            it washes well
            I sleep like a baby now
            the colours are bright
            it cuts like butter
            it looks more expensive than it was
            it smells lovely
            it has made cooking fun again
            it goes with everything
            it is worth the money
            it paid for itself in a month
            my dog loves it
            it is a joy to use
            installation took two minutes
            """
        ),
        lines(
            """
            it stopped working after a month
            it broke on the first day
            it fell apart
            it arrived in pieces
            it does not work
            it will not turn on
            I had to return it
            it leaks
            the colour washed out
            it gets far too hot
            it is the wrong size
            a part was missing
            it smells of plastic
            it scratches easily
            it died after a few weeks
            the screen cracked
            it came without a cable
            it rusted within weeks
            it shrank in the wash
            it keeps disconnecting
            it ended up in the trash
            it tore the first time I wore it
            the handle came off
            the wheels fell off
            the box was empty
            it burned my skin
            the lid does not close
            the zip got stuck
            the instructions are in the wrong language
            the battery lasts ten minutes
            it makes a terrible noise
            it does not fit
            the paint is peeling off
            the sound cuts out all the time
            it came with a scratch
            it stains everything
            it overheats
            it was used and dirty when it came
            the seams came apart
            it wakes up the whole house
            the picture flickers
            it is made of cheap plastic
            it tips over all the time
            the buttons stick
            it pinches
            it is smaller than in the photo
            it gives me blisters
            my cat hates it
            it was dead after a week
            I got an electric shock
            it blew a fuse
            it lost its colour after one wash
            the plug does not fit
            it took two months to arrive
            it never arrived
            """
        ),
    ),
    Both(
        split(
            "works perfectly, still works after years, still looks new, holds up well, lasts forever, lasts all day, "
            "fits perfectly, feels solid, feels great, looks great, smells wonderful, survived a fall, survived the "
            "winter, arrived early, arrived in perfect condition, came well packed, cleans easily, dries quickly, "
            "heats up fast, charges fast, runs quietly, never squeaks, never slips, stays in place, stays warm, stays "
            "sharp, closes tightly, saves space, was easy to assemble, glides smoothly, responds instantly, does not "
            "leak, makes my life easier, relieved my pain, keeps me warm, gets used every day, impressed my friends, "
            "went through the wash without a problem, outlasted all my others, suits me perfectly, is built like a "
            "tank, holds everything I need"
        ),
        split(
            "broke, broke after a week, fell off, came off, came loose, cracked, snapped, bent, tore, leaked, leaks "
            "everywhere, squeaks, rattles, wobbles, jams, overheats, peels off, fades, rusts, scratches easily, got "
            "stuck, melted, shrank, died, stopped working, will not close, will not open, does not fit, was missing, "
            "was broken on arrival, arrived cracked, arrived late, was dirty, is crooked, smells, hums, buzzes, "
            "flickers, is worn out already, keeps falling off, keeps breaking, keeps slipping, comes apart, burned "
            "out, caught fire, hurts my hands, gives me a rash, drains too fast, lasts an hour at most, faded after "
            "one wash, ripped at once, went dead, ruined my carpet, had to be replaced twice, scratched my floor, "
            "pulls my hair, gave out after a month, cuts out, won't stay on, lets the water in, is held together by "
            "glue, was clearly used before, went back to the shop"
        ),
    ),
    "owned",
    "buy",
    "bought",
    "buying",
)
