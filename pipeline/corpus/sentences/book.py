"""Opinions of books: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

BOOK = Domain(
    split(
        "book, novel, biography, memoir, story, poem, audiobook, comic, textbook, collection, manual, magazine, essay"
    ),
    split(
        "plot, prose, ending, writing, style, first chapter, last chapter, translation, narrator, author, cover, pacing"
    ),
    split("characters, chapters, illustrations, descriptions, recipes, explanations, drawings, dialogues, examples"),
    Both(
        split(
            "well-written, gripping, fascinating, moving, readable, informative, insightful, absorbing, unputdownable, "
            "clear, vivid, profound, helpful, funny, beautifully written, page-turning, inspiring, wise, rich, concise"
        ),
        split(
            "dry, dull, boring, badly written, long-winded, wordy, confusing, superficial, repetitive, unreadable, "
            "pretentious, outdated, predictable, tedious, rambling, poorly edited, full of mistakes, uninspired"
        ),
    ),
    Both(
        lines(
            """
            I read it in one sitting
            I learned a great deal from it
            I stayed up all night to finish it
            I am going to read everything by this author
            every page is a pleasure
            my students love it
            I cried when it was over
            it opened my eyes
            it taught me more than three years of school
            I gave copies to all my friends
            it is easy to follow
            I could picture every scene
            the characters feel like friends now
            """
        ),
        lines(
            """
            I gave up after fifty pages
            I had to force myself to finish it
            the author repeats himself on every page
            the pages fell out
            I skipped whole chapters
            it is full of errors
            I did not get past the first chapter
            the author does not know the subject
            half of it is copied from the internet
            it put me to sleep every night
            the print is far too small
            I gave it away unread
            all the characters talk alike
            """
        ),
    ),
    Both(
        split(
            "kept me up all night, changed the way I think, made me laugh, made me cry, draws you in, is hard to put "
            "down, taught me a lot, speaks to me, explains everything well, comes alive, stays with you, flows nicely, "
            "had me hooked, made the bus ride short"
        ),
        split(
            "put me to sleep, made no sense, goes round in circles, lost me after a few pages, reads like a phone "
            "book, repeats itself, explains nothing, fell apart in my hands, ends in the middle of nowhere, talks down "
            "to the reader, drags on, feels like homework"
        ),
    ),
    "read",
    "read",
    "read",
    "reading",
)
