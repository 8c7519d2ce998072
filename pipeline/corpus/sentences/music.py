"""Opinions of music: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

MUSIC = Domain(
    split(
        "song, album, record, concert, track, band, single, playlist, symphony, gig, opera, festival, DJ set, podcast"
    ),
    split(
        "voice, singing, melody, rhythm, beat, sound, mix, production, chorus, singer, drummer, bass, stage show, "
        "guitar"
    ),
    split("lyrics, vocals, guitars, melodies, tunes, harmonies, drums, beats, singers, remixes"),
    Both(
        split(
            "catchy, soulful, melodic, energetic, powerful, uplifting, haunting, infectious, groovy, relaxing, "
            "beautifully sung, electrifying, soothing, danceable, hypnotic, warm, crisp"
        ),
        split(
            "tuneless, noisy, off-key, grating, repetitive, monotonous, whiny, generic, overproduced, lifeless, "
            "uninspired, forgettable, ear-splitting, dreary, muddy, out of tune"
        ),
    ),
    Both(
        lines(
            """
            I play it every day
            I have had it on repeat all week
            it makes me want to dance
            the crowd went wild
            I get goosebumps every time
            her voice gives me chills
            I sang along to every word
            we danced until midnight
            the band played two encores
            it makes my morning
            the bass line is killer
            """
        ),
        lines(
            """
            it gives me a headache
            I skip it every time
            the singer was out of tune
            every track sounds the same
            people booed
            the sound was so bad that we left
            they played for twenty minutes and went home
            he forgot the words
            you could not hear the singer
            I want to cover my ears
            the microphone kept failing
            it sounds like cats fighting
            """
        ),
    ),
    Both(
        split(
            "gives me chills, makes me dance, lifts my mood, gets stuck in your head in the best way, blew the roof "
            "off, sounds great, sounds like nothing else, sends shivers down my spine, brings back memories, gets "
            "better with every listen, soothes me"
        ),
        split(
            "hurts my ears, sounds flat, sounds like a broken record, was drowned out, gets on my nerves, goes on for "
            "far too long, was out of tune, sounds like everything else on the radio, makes me switch stations, made "
            "the audience leave, feels soulless"
        ),
    ),
    "heard",
    "listen to",
    "heard",
    "listening to",
)
