"""Opinions of films and series: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

FILM = Domain(
    split(
        "film, movie, picture, comedy, drama, thriller, documentary, horror film, romance, western, musical, cartoon, "
        "series, show, sitcom, episode, season, sequel, remake, adaptation, biopic, play, short film, animation"
    ),
    split(
        "acting, plot, script, screenplay, dialogue, direction, editing, camera work, cinematography, soundtrack, "
        "score, story, ending, pacing, humour, humor, cast, casting, lead actor, lead actress, leading man, villain, "
        "first half, second half, opening scene, final act, twist, premise, production, writing, storyline, supporting "
        "cast, animation, atmosphere, chemistry between the leads, narration, climax, finale, director"
    ),
    split(
        "actors, characters, jokes, special effects, effects, costumes, sets, fight scenes, songs, performances, "
        "dialogues, action scenes, visuals, gags, twists, lines, stunts, dance numbers"
    ),
    Both(
        split(
            "funny, hilarious, touching, moving, gripping, witty, compelling, absorbing, riveting, engrossing, "
            "poignant, heartwarming, heartfelt, thrilling, exciting, suspenseful, thought-provoking, intelligent, "
            "original, inventive, imaginative, haunting, powerful, honest, sincere, subtle, inspired, inspiring, "
            "uplifting, entertaining, well-acted, well-written, tense, atmospheric, intriguing, fascinating, "
            "mesmerizing, breathtaking, dazzling, convincing, believable, nuanced, masterful, profound, tender, "
            "graceful, smart, clever, lively, energetic, playful, captivating, enchanting, magical, fresh, daring, "
            "bold, insightful, amusing, good-natured, life-affirming, visually stunning, emotionally rich, quietly "
            "moving, timeless, bittersweet, warm, vivid, crisp, taut, eloquent, rewarding, deeply felt, wonderfully "
            "acted, genuine"
        ),
        split(
            "boring, dull, tedious, predictable, cheesy, corny, clichéd, contrived, pretentious, pointless, shallow, "
            "silly, stupid, dumb, idiotic, unfunny, uninspired, unoriginal, derivative, lifeless, flat, wooden, "
            "incoherent, confusing, muddled, messy, forgettable, laughable, ridiculous, absurd, overlong, slow, "
            "sluggish, plodding, monotonous, repetitive, amateurish, unconvincing, implausible, unbelievable, hollow, "
            "empty, soulless, clumsy, heavy-handed, preachy, overacted, miscast, stale, tired, trite, formulaic, "
            "bland, sappy, sentimental, manipulative, meandering, aimless, disjointed, inept, insipid, inane, vapid, "
            "unwatchable, brain-dead, tasteless, crude, offensive, gratuitous, lazy, forced, stilted, poorly written, "
            "badly acted, mind-numbing, charmless, humorless, joyless, witless, sloppy, uneven, bloated, overblown, "
            "self-indulgent, half-baked, unsatisfying, shoddy, murky, clunky, numbing, exhausting, irritating, "
            "depressingly thin, cliched"
        ),
    ),
    Both(
        lines(
            """
            it kept me guessing until the end
            I laughed from beginning to end
            the cast works well together
            the story stayed with me for days
            it made me laugh and cry
            it held my attention throughout
            the jokes land
            every scene counts
            it moves along at a good pace
            we watched it twice
            the leads have real chemistry
            the whole audience applauded
            you care about the people in it
            it has heart
            it stands up to repeated viewing
            the direction is assured
            it deserves an award
            it has something to say
            I was in tears at the end, in a good way
            I bought the soundtrack right afterwards
            we clapped when it was over
            the chemistry between the two is electric
            it does justice to the book
            my kids sing the songs all day
            it brought back happy memories
            the twist caught me by surprise
            I cheered for the hero
            every frame is a painting
            it flew by
            it makes you think
            it is one for the whole family
            you root for everybody in it
            it earns its laughs
            """
        ),
        lines(
            """
            I nearly fell asleep
            I looked at my watch every five minutes
            the jokes fall flat
            the plot makes no sense
            it goes on forever
            you can see the ending coming a mile off
            half of the audience left
            I switched it off
            it drags on and on
            the actors look bored
            nothing happens for an hour
            the characters are cardboard
            it wastes its talented cast
            there is no story to speak of
            it runs out of ideas
            it insults the viewer
            I could not wait for it to end
            the ending ruins it
            it tries too hard
            it never comes to life
            I laughed once, at the credits
            we turned it off after twenty minutes
            the effects look like a video game from the nineties
            the lead cannot act
            you feel every one of its two hours
            I did not care who died
            the editing made me dizzy
            it borrows from better films
            the dialogue sounds as if a child wrote it
            the sound is so bad that I needed subtitles
            there is no chemistry between them
            the last hour is one long car chase
            it mistakes noise for excitement
            it has nothing to say
            it is a shameless cash grab
            the plot has more holes than cheese
            they butchered the book
            my date fell asleep
            the comedy forgot to bring jokes
            it thinks it is smarter than it is
            """
        ),
    ),
    Both(
        split(
            "made me cry, made me laugh out loud, kept me guessing, kept me awake, rings true, touched me, stays with "
            "you, draws you in, carries the whole thing, holds your attention, had me hooked, builds up nicely, pays "
            "off, makes you think, comes alive, never lets up, breaks your heart, took me by surprise, deserves an "
            "Oscar, feels real, looks stunning, gets under your skin, brings tears to your eyes, won me over, had me "
            "laughing the whole time, lifts your spirits, strikes the right note, manages to surprise, stands the test "
            "of time, speaks to the heart, lingers in the mind, leaves you smiling, casts a spell"
        ),
        split(
            "put me to sleep, made me yawn, feels rushed, feels forced, goes nowhere, makes no sense, ruined it for "
            "me, is all over the place, left me cold, rings false, insults your intelligence, wears thin, runs out of "
            "steam, drags on, never takes off, is hard to follow, is paper-thin, could have been written by a child, "
            "made me cringe, distracts from the story, looks cheap, drowns out the actors, feels like a lecture, feels "
            "endless, tests your patience, outstays its welcome, gave me a headache, made me want to leave, has been "
            "done a hundred times, collapses under its own weight, strains for laughs, sinks without a trace, tries my "
            "patience, lost me after ten minutes, wanders all over the place, leaves you wondering why anyone bothered"
        ),
    ),
    "seen",
    "watch",
    "saw",
    "watching",
)
