"""Opinions of events: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

EVENT = Domain(
    split(
        "holiday, vacation, trip, tour, cruise, party, wedding, flight, evening, weekend, visit, stay, conference, "
        "match, hike, exhibition, lecture, lesson, interview, ceremony, experience, journey, day out, workshop, game, "
        "train ride"
    ),
    split(
        "organisation, weather, programme, food, music, company, guide, schedule, speech, venue, timing, crowd, mood"
    ),
    split("speakers, guests, guides, seats, activities, excursions, speeches, rides, tickets, hosts, views"),
    Both(
        split(
            "exciting, relaxing, fun, unforgettable, memorable, well organised, interesting, fascinating, lively, "
            "magical, inspiring, entertaining, enjoyable, adventurous, peaceful, joyful, festive, rewarding, smooth"
        ),
        split(
            "boring, exhausting, stressful, chaotic, badly organised, tiring, dull, miserable, disastrous, uneventful, "
            "overpriced, tedious, uncomfortable, frustrating, depressing, awkward, ruined, hectic, pointless, delayed"
        ),
    ),
    Both(
        lines(
            """
            we had a lot of fun
            we laughed a lot
            time flew by
            the children had a ball
            everything went smoothly
            we still talk about it
            I came home relaxed and happy
            the sun shone and the food was great
            I met lovely people
            we saw dolphins
            the guide knew everything
            we danced all night
            the kids talk about it every day
            it was over far too soon
            I would go again tomorrow
            I learned so much
            """
        ),
        lines(
            """
            everything went wrong
            we left early
            it was delayed for hours
            we were stuck in a queue all day
            half of it was cancelled
            it rained and nobody cared about us
            we were glad when it was over
            everybody was yawning
            the bus broke down twice
            the guide did not show up
            we paid a fortune and saw nothing
            there was nothing to drink
            I lost a whole day
            my feet hurt and I saw nothing
            the speaker read from his slides
            we argued all the way home
            we were herded around like sheep
            the main act did not play
            I was seasick the whole time
            """
        ),
    ),
    Both(
        split(
            "was a great success, went smoothly, made us laugh, was over too soon, was worth the money, brought us "
            "together, made memories for life, exceeded what we hoped for, was planned down to the last detail, "
            "thrilled the kids, went off without a hitch, flew by"
        ),
        split(
            "was cancelled, was delayed for hours, went on forever, ended in chaos, was a shambles, started two hours "
            "late, bored everybody, made us all sick, cost a fortune, was badly planned, was spoiled by the crowds, "
            "fell through, left us stranded, ended in tears, was rained off and not refunded"
        ),
    ),
    "been on",
    "book",
    "booked",
    "booking",
)
