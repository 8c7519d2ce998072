"""Opinions of software: words and phrases."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Domain, lines, split

SOFTWARE = Domain(
    split(
        "app, game, website, program, update, browser, software, tool, operating system, plugin, video game, version, "
        "demo"
    ),
    split(
        "interface, design, gameplay, performance, search, layout, login, tutorial, menu, sync, camera, music, "
        "support, registration, checkout, documentation, multiplayer, installation, user experience, story mode"
    ),
    split(
        "graphics, controls, updates, features, settings, levels, notifications, ads, missions, maps, servers, menus"
    ),
    Both(
        split(
            "intuitive, fast, stable, useful, user-friendly, addictive, responsive, simple, well designed, smooth, "
            "powerful, easy to use, handy, polished, secure, helpful, challenging, immersive, flexible, clear"
        ),
        split(
            "buggy, slow, laggy, confusing, cluttered, unstable, unusable, glitchy, broken, outdated, clunky, "
            "frustrating, annoying, overloaded, complicated, useless, insecure, unplayable, bloated, repetitive, "
            "unfinished"
        ),
    ),
    Both(
        lines(
            """
            it runs smoothly
            it saves me hours every week
            I have played it for hours
            it loads in a second
            it does everything I need
            the developers listen to their users
            my whole team uses it
            it never crashes
            I learned Spanish with it
            everything is where you expect it
            it syncs in seconds
            I found my way around at once
            it is the first thing I open every morning
            it works on all my devices
            it got me through the winter
            """
        ),
        lines(
            """
            it crashes all the time
            it freezes every few minutes
            it deleted my files
            it is full of ads
            I cannot log in
            I uninstalled it
            it drains the battery
            it takes ages to load
            it asks for money at every turn
            it keeps logging me out
            the last update broke everything
            half of the buttons do nothing
            it lost all my progress
            it sends me ten messages a day
            the search finds nothing
            you have to pay to win
            it charged my card without asking
            it will not open on my phone
            I get an error every time
            my photos are gone
            the servers are down every evening
            the tutorial explains nothing
            it spies on you
            the support page is a dead link
            the levels are all the same
            """
        ),
    ),
    Both(
        split(
            "loads instantly, never crashes, syncs instantly, saves me time, just works, gets better with every "
            "update, runs on my old phone, keeps me organised, explains itself, looks clean, does the trick, keeps me "
            "busy for hours, makes learning fun, worked right away"
        ),
        split(
            "crashes, freezes, hangs, lags, takes forever to load, deletes my data, keeps asking for my password, "
            "drains my battery, disappeared after the update, sends spam, won't install, won't load, fails to sync, "
            "locked me out, shows an error, slows down my computer, broke after the update, eats all my data, "
            "stutters, covers half of the screen with ads, closes by itself, lost my work, kicks me out every few "
            "minutes"
        ),
    ),
    "used",
    "download",
    "used",
    "downloading",
)
