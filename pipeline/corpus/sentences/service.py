"""Opinions of services and their staff: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

SERVICE = Domain(
    split(
        "service, company, agency, dentist, doctor, waiter, waitress, driver, plumber, mechanic, barber, hairdresser, "
        "teacher, tutor, receptionist, guide, seller, airline, bank, delivery service, taxi, clinic, course, support "
        "team, lawyer, nurse, instructor, help desk, landlord, trainer, repair shop, insurance, workshop, class, team"
    ),
    split(
        "service, staff, communication, delivery, support, response, attitude, treatment, explanation, organisation, "
        "customer service, booking process, manager, owner, advice, after-sales service, refund process, hospitality"
    ),
    split("employees, waiters, nurses, assistants, technicians, people at the desk, owners, lessons, prices, hosts"),
    Both(
        split(
            "friendly, helpful, polite, courteous, attentive, professional, efficient, prompt, quick, patient, caring, "
            "knowledgeable, welcoming, kind, reliable, competent, punctual, responsive, accommodating, considerate, "
            "trustworthy, fair, thoughtful, honest, skilled, warm, understanding, organised, cheerful, hospitable, "
            "well trained, generous, thorough, dependable, gentle, respectful"
        ),
        split(
            "rude, unfriendly, unhelpful, slow, incompetent, careless, arrogant, unprofessional, impolite, dishonest, "
            "disorganised, indifferent, lazy, unreliable, ignorant, clueless, hostile, inattentive, condescending, "
            "disrespectful, impatient, sloppy, aggressive, grumpy, late, deceitful, shady, useless, unresponsive, "
            "overcharging, neglectful, dismissive, surly, greedy, insulting, inefficient, unfair, snobbish, inflexible"
        ),
    ),
    Both(
        lines(
            """
            they answered within minutes
            they solved my problem right away
            everybody was smiling
            they refunded me at once
            they took their time to explain everything
            my parcel came a day early
            they fixed it the same day
            I was treated with respect
            they made us feel welcome
            they kept their promise
            they went out of their way to help
            he explained everything twice without losing patience
            she found the fault in five minutes
            the nurse held my hand
            they called me back within the hour
            I passed my exam thanks to her
            they even carried my bags
            the driver was on time
            they replaced it free of charge
            my teeth have never looked better
            I got my money back the same day
            my daughter looks forward to every lesson
            he was always in a good mood
            they treated us like family
            the price was fair
            I feel in good hands there
            they remembered my name
            """
        ),
        lines(
            """
            they never called back
            they ignored my emails
            nobody answered the phone
            they charged me twice
            they lost my luggage
            I am still waiting for a reply
            he hung up on me
            they refused to give me a refund
            she rolled her eyes at us
            they broke more than they fixed
            my parcel never came
            they sent the wrong item
            we were ignored for half an hour
            they lied to me
            they blamed me for it
            we waited two hours to be served
            the driver was on his phone the whole time
            he was an hour late
            I was kept on hold for an hour
            they cancelled without a word
            she shouted at my son
            they treated us like dirt
            nobody apologised
            they overcharged us
            the parcel was left in the rain
            they lost my documents
            they promised to call and never did
            I had to explain it five times
            he talked about nothing but himself
            they wanted money for every little thing
            they do not answer letters
            the repair lasted two days
            my car came back with a scratch
            they sold me the wrong ticket
            they would not let us in
            I asked for help and was laughed at
            the bill was twice what we had agreed
            """
        ),
    ),
    Both(
        split(
            "helped us with our bags, answered all my questions, listened to me, explained everything, smiled the "
            "whole time, went out of his way to help, knew me by name, gave us a free dessert, gave us a discount, "
            "fixed it for free, fixed it in no time, made us laugh, made us feel at home, called me back at once, "
            "stayed late to help us, took care of everything, took good care of my dog, was patient with my kids, gave "
            "great advice, found us a better room, replied within minutes, refunded us without a question, made my son "
            "smile, saved our holiday, waited for us, apologised and put it right, thought of everything, did a great "
            "job, kept us informed, has a smile for everyone, knew the answer to everything, put me at ease, brought "
            "us water without being asked, was gentle with my old father, made it fun to learn, solved it in minutes, "
            "cheered us up"
        ),
        split(
            "ignored us, ignored my questions, yelled at us, shouted at me, lied to me, hung up on me, laughed at me, "
            "overcharged us, was rude to my mother, rolled his eyes, could not answer a single question, did not "
            "listen, never came back, never showed up, forgot our order, forgot about us, lost my bag, broke my lamp, "
            "damaged my car, refused to help, refused a refund, blamed us, treated us like idiots, was on the phone "
            "all the time, was drunk, made me wait an hour, kept us waiting, cancelled at the last minute, talked down "
            "to me, pushed us to buy more, insulted my wife, made my daughter cry, got our names wrong, charged my "
            "card twice, sent me away, disappeared for an hour, stole my time, did half the job, made it worse, wanted "
            "a tip for nothing, left a mess, cheated us, brought the wrong food, had no clue, yawned in my face, "
            "passed me from one person to the next, would not take it back"
        ),
    ),
    "dealt with",
    "use",
    "used",
    "using",
)
