"""Opinions of hotels, restaurants and other places: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

PLACE = Domain(
    split(
        "hotel, restaurant, café, bar, pub, hostel, resort, museum, park, beach, city, campsite, apartment, gym, spa, "
        "shop, store, bakery, theatre, cinema, zoo, airport, clinic, market, hospital, school, library, neighbourhood, "
        "bistro, diner, salon, guest house, pool, club, garden, supermarket, office, room"
    ),
    split(
        "location, view, room, bathroom, bed, breakfast, atmosphere, ambience, decor, terrace, wifi, parking, lobby, "
        "service, shower, kitchen, lighting, mattress, air conditioning, balcony, reception, music, furniture"
    ),
    split(
        "rooms, beds, towels, prices, toilets, sheets, views, chairs, tables, facilities, bathrooms, walls, "
        "surroundings"
    ),
    Both(
        split(
            "clean, cozy, cosy, comfortable, spacious, quiet, peaceful, welcoming, spotless, charming, luxurious, "
            "relaxing, stylish, modern, bright, affordable, inviting, picturesque, romantic, well located, tidy, "
            "tranquil, homely, family-friendly, immaculate, idyllic, scenic, well kept, reasonably priced, roomy, safe"
        ),
        split(
            "dirty, filthy, noisy, cramped, smelly, overpriced, shabby, run-down, dingy, crowded, unsafe, grubby, "
            "dusty, damp, stuffy, depressing, gloomy, uncomfortable, freezing, mouldy, overcrowded, ugly, chaotic, "
            "unhygienic, outdated, tacky, neglected, expensive, sticky, badly lit, infested, unwelcoming, dilapidated, "
            "drafty, stained"
        ),
    ),
    Both(
        lines(
            """
            I felt at home
            we slept like babies
            we will be back
            I did not want to leave
            the sea is right outside the door
            we extended our stay
            everything was in its place
            you get a lot for your money
            we come here every year
            the beds are like clouds
            the garden is full of flowers
            breakfast was a feast
            you can walk to the beach
            the kids did not want to go home
            we felt safe at night
            there is so much to see
            it is a paradise for children
            the air is clean
            the owner brought us homemade cake
            they upgraded our room for free
            everything shines
            it feels like home
            """
        ),
        lines(
            """
            there were cockroaches in the bathroom
            we left after one night
            the heating was broken
            there was no hot water
            we could hear everything through the walls
            the carpet was full of stains
            it smelled of smoke
            they lost our booking
            we waited an hour for a table
            the sheets had not been changed
            it looks nothing like the photos
            there was mould in the shower
            the toilet was blocked
            there were hairs in the bed
            the lift was out of order
            loud music kept us awake all night
            the pool was green
            somebody had smoked in our room
            the tap dripped all night
            the wifi never worked
            I was bitten by bedbugs
            the bar closed at nine
            you cannot park anywhere
            the door did not lock
            the air was so bad that I could hardly breathe
            the toilets were a disgrace
            we froze all night
            the walls are thin as paper
            they charged us extra for towels
            a mouse ran across the floor
            """
        ),
    ),
    Both(
        split(
            "overlooks the sea, was spotless, was cleaned every day, made us feel at home, was worth the trip, looked "
            "just like the pictures, was bigger than we thought, smelled fresh, was quiet at night, had everything we "
            "needed, took our breath away, was included in the price, is close to everything, is perfect for families, "
            "feels like a second home, was a dream, invites you to stay, was decorated with taste"
        ),
        split(
            "smelled of sewage, was closed, was full of mould, did not work, was under construction, kept us awake, "
            "had not been cleaned for weeks, was out of order, was freezing, faces a wall, overlooks the car park, was "
            "nothing like the pictures, was broken, was double booked, leaked, cost extra, was covered in dust, was "
            "full of ants, made us leave early, looks like a prison, needs renovation, is falling apart, reeked of "
            "cigarettes, was flooded, is miles from anything, had stains all over"
        ),
    ),
    "visited",
    "visit",
    "visited",
    "visiting",
)
