"""Opinions of food and drink: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

FOOD = Domain(
    split(
        "meal, dinner, lunch, breakfast, soup, pizza, burger, sandwich, salad, steak, cake, dessert, curry, sushi, "
        "coffee, tea, wine, beer, bread, cheese, ice cream, sauce, dish, pasta, snack, chocolate, juice, risotto, "
        "omelette, pie, taco, noodle soup, barbecue, buffet, cocktail"
    ),
    split(
        "taste, flavour, flavor, texture, meat, fish, chicken, rice, crust, dressing, seasoning, smell, filling, food, "
        "dough, broth, menu, portion size, aftertaste"
    ),
    split(
        "fries, vegetables, portions, desserts, drinks, starters, pancakes, eggs, potatoes, ingredients, cookies, ribs"
    ),
    Both(
        split(
            "delicious, tasty, yummy, scrumptious, mouth-watering, fresh, juicy, crispy, flavourful, flavorful, "
            "tender, creamy, perfectly cooked, well seasoned, crunchy, appetizing, savoury, rich, fluffy, moist, "
            "aromatic, healthy, filling, refreshing, homemade, nicely spiced, succulent, divine, tempting, moreish"
        ),
        split(
            "tasteless, bland, stale, soggy, greasy, overcooked, undercooked, burnt, dry, cold, lukewarm, salty, "
            "inedible, rubbery, watery, rancid, sour, bitter, disgusting, revolting, gross, mushy, flavourless, oily, "
            "raw, tough, chewy, rotten, mouldy, spoiled, vile, unappetizing, sickly sweet, slimy, burned, limp, "
            "nauseating, raw inside"
        ),
    ),
    Both(
        lines(
            """
            we licked our plates
            I asked for seconds
            it melts in the mouth
            everything tasted fresh
            it was cooked to perfection
            I want the recipe
            my plate was empty in no time
            it hits the spot
            the crust was crisp and the cheese was hot
            the kids cleaned their plates
            you can taste the quality
            the fish was so fresh
            it reminds me of my grandmother's kitchen
            I am still dreaming of it
            I could eat it every day
            the sauce is to die for
            they use fresh vegetables
            the meat fell off the bone
            the portions are huge
            it was served hot and quickly
            we came back the next day for more
            it warms you up
            """
        ),
        lines(
            """
            I sent it back
            I got sick afterwards
            there was a hair in it
            I left most of it on the plate
            it tasted like cardboard
            it gave me a stomach ache
            the meat was raw
            even my dog refused it
            I spat it out
            the fries were soggy
            the bread was hard as a rock
            the milk had gone off
            it was served cold
            I found a fly in my soup
            we were hungry again an hour later
            it was swimming in oil
            the fish smelled
            it tastes like soap
            it tastes of nothing
            they forgot half of our order
            the chicken was pink inside
            I was up all night with food poisoning
            the portions are tiny
            too much salt ruined it
            it came out of a can
            I had to throw it away
            the coffee tasted like dishwater
            there was plastic in my rice
            """
        ),
    ),
    Both(
        split(
            "melted in my mouth, was cooked to perfection, tasted like home, tasted fresh, was full of flavour, was "
            "gone in seconds, came hot from the oven, smelled amazing, had just the right amount of spice, was crisp "
            "and light, made my mouth water, was worth the calories, was out of this world, hit the spot, warmed us "
            "up, was prepared with love, came with a smile, was big enough for two, tasted even better the next day, "
            "looked like a painting, had the kids asking for more"
        ),
        split(
            "tasted like cardboard, tasted of soap, was burnt black, was cold by the time it came, was swimming in "
            "oil, was raw in the middle, made me sick, gave me heartburn, came out of a packet, had a hair in it, went "
            "back to the kitchen, smelled off, was hard as a stone, was dry as dust, had no taste, stuck to the plate, "
            "was more fat than meat, took an hour to arrive, was barely warm, was past its date, turned my stomach, "
            "fell apart on the plate, was drowned in sauce, tasted frozen, was a soggy mess, looked like dog food, "
            "cost a fortune and filled nobody"
        ),
    ),
    "eaten",
    "order",
    "had",
    "ordering",
)
