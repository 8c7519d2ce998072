"""Patterns and words of informal text: slang, capitals, emoticons, emoji."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Patterns, lines, split

INFORMAL = Patterns(
    lines(
        """
        {slang}
        so {slang}
        {noun} is {slang}
        this {noun} is {slang}
        this {noun} is so {slang}
        {the} is {slang}
        {the} was {slang}
        that was {slang}
        its {slang}
        its so {adj}
        this is {slang}
        {shout}
        {shout} {shout}
        {shout}, {the} is {adj}
        {shout}, {adj}
        {shout} so {adj}
        {shout} {view}
        {shout} this {noun} is {adj}
        {shout} what a {adj} {noun}
        {the} {colloquial}
        this {noun} {colloquial}
        this {colloquial}
        it {colloquial}
        {thepart} {colloquial}
        {the} {colloquial} {shorthand}
        {adj} {shorthand}
        {very} {adj} {shorthand}
        {view} {shorthand}
        {shorthand} {view}
        {shorthand} {the} is {adj}
        {adj} af
        {emoticon}
        {emoji}
        {emoji}
        {emoji}{emoji}
        {emoji}{emoji}{emoji}
        {emoji} {view}
        {view} {emoji}
        {adj} {emoji}
        {adj} {noun} {emoji}
        {liked} it {emoji}
        {the} {emoji}
        this {noun} {emoji}{emoji}
        my face after {the}: {emoji}
        {adj} {emoticon}
        {adj} {noun} {emoticon}
        {view} {emoticon}
        {view} {emoticon}
        {emoticon} {view}
        {liked} it {emoticon}
        {the} {emoticon}
        {most}. {noun}. {ever}.
        {most} {noun} evar
        {most} {noun} ever lol
        sooo {adj}
        soooo {adj}
        so so {adj}
        so so so {adj}
        {adj} {adj} {adj}
        really really {adj}
        {adj}!!!
        {the} is {adj}!!!
        {adj}... just {adj}
        omg {the} is {adj}
        omg so {adj}
        dude, {the} is {slang}
        man, {the} was {adj}
        bruh {the} is {slang}
        guys {the} is {slang}
        lol {adj}
        haha {view}
        im so {feeling}
        im {feeling} {emoticon}
        {part}: {adj}. {part}: {adj}. {part}: {adj}.
        {adj} {part}, {adj} {part}, {adj} {part}
        """
    ),
    lines(
        """
        luv it
        love love love it
        luv this {noun}
        lovin this {noun}
        loving it
        love it
        love this
        loved it
        obsessed with {the}
        i'm obsessed
        im in love with {the}
        need more of this
        more pls
        take my money
        shut up and take my money
        10/10 would {use} again
        best thing ever
        thx
        ty so much
        thanks a lot {emoticon}
        thank u {emoji}
        lmao so funny
        lol i laughed so hard
        rofl
        cant wait for more
        cant get enough of this {noun}
        cant stop {using} it
        can't stop {using} {the}
        highly recommend {emoji}
        go get it
        go {use} it now
        run don't walk
        no cap this is {adj}
        hell yes
        so worth it
        totally worth it
        worth it
        well done
        good job
        great job {emoji}
        good stuff
        works great
        works gr8
        happy camper
        A1
        """
    ),
    lines(
        """
        hate it
        hate this
        hated it
        hate hate hate it
        i cant even
        cant stand this {noun}
        just no
        no no no
        hard pass
        pass
        i'm out
        nope nope nope
        do not want
        pls fix
        please fix this
        fix your {noun}
        wtf is this
        wtf is wrong with {the}
        what the hell was that
        what is this crap
        such crap
        bunch of crap
        total crap
        pure garbage
        utter garbage
        absolute trash
        straight to the trash
        trash {emoji}
        fail
        epic fail
        big fail
        so disappointed
        so let down
        kinda {adj}
        kinda {adj} tbh
        a bit {adj} tbh
        sorta {adj} imo
        gonna return it
        sent it back lol
        returned it
        uninstalled
        deleted
        refund pls
        where is my refund
        where's my order
        still waiting {emoticon}
        still not here {emoji}
        dont {use} it
        dont {use} this {noun}
        dont waste ur {waste}
        dont bother with {the}
        not worth ur {waste}
        waste of $$$
        rip my {waste}
        thanks for nothing
        gee thanks, {view}
        never again lol
        so annoying
        i'm so done
        im done with this {noun}
        no stars
        L
        nobody asked for this
        yawn
        snore
        zzzzz
        i wanna cry
        makes me mad
        so mad right now
        """
    ),
)
SHORTHAND = split(
    "lol, tbh, imo, imho, ngl, fr, lmao, omg, af, haha, btw, tho, just saying, idk, for real, man, dude, folks, guys, "
    "people, smh, seriously"
)
SLANG = Both(
    split(
        "dope, lit, fire, rad, epic, ace, legit, sick af, so fire, da bomb, the bomb, goat, gr8, kewl, banging, "
        "bangin, sweet, tight, wicked good, on fleek, a banger, dank, hype, pog, top tier, god tier, chef's kiss, "
        "bussin, hella good, mad good, so good, sooo good, super duper, yum, yummy, cute, swell, noice, nice one, "
        "lovin it, solid"
    ),
    split(
        "trash, garbage, crap, lame, cringe, mid, wack, whack, meh, blah, bleh, crappy, janky, sketchy, weak sauce, "
        "dumb, a joke, bs, bullcrap, shitty, shit, crappy af, so bad, sooo bad, busted, yuck, yucky, icky, gross, ew, "
        "eww, cheugy, a snooze, a fail, an epic fail, trash tier, dogwater, pants, naff, rubbish, poo, a ripoff, ass, "
        "sus"
    ),
)
SHOUT = Both(
    split(
        "wow, yay, yes, yesss, woohoo, omg yes, yum, yummy, bravo, woo, hooray, nice, sweet, hell yeah, aww, woot, "
        "cheers"
    ),
    split(
        "ugh, meh, yuck, ew, eww, nope, nah, boo, bleh, sigh, yikes, smh, wtf, argh, grrr, blah, ick, oh dear, sheesh, "
        "zzz, facepalm, nooo"
    ),
)
COLLOQUIAL = Both(
    split(
        "rocks, rules, slaps, owns, kills it, hits different, bangs, kicks ass, is da bomb, made my day, is "
        "everything, is life, rocked, kicked butt, is goals, gives me life, never misses, totally rocks, wins the "
        "internet"
    ),
    split(
        "sucks, stinks, blows, bites, sucked, stank, sux, is a joke, is a fail, totally sucks, bombed, flopped, sucks "
        "ass, is the pits, is so not worth it, can go to hell, makes me wanna puke, ain't it, was a bust, sucks balls, "
        "reeks"
    ),
)
EMOTICON = Both(
    (
        ":)",
        ":-)",
        ":D",
        ":-D",
        "=)",
        "=D",
        ";)",
        ";-)",
        "<3",
        "xD",
        "XD",
        "^^",
        "^_^",
        ":P",
        "\\o/",
        ":))",
        ":)))",
        "(:",
        ":]",
    ),
    (
        ":(",
        ":-(",
        ":/",
        ":-/",
        ":'(",
        "D:",
        ">:(",
        "-_-",
        "</3",
        "=(",
        ":((",
        ":(((",
        ":|",
        "):",
        ":[",
        ":S",
        "=/",
        "-.-",
        "T_T",
    ),
)
EMOJI = Both(
    tuple("😀😁😃😄😆😊😍😘😎😋🤩🥰😇🙂😂🤣👍👌👏🙌💪❤💕💖💙💚💜🧡💯🔥🎉🎊✨⭐🌟🏆🥳😻💗🤗😌🙏☺💓🥇✅😸🤤🌈♥👊🤘"),
    tuple("😞😠😡😢😭😤😩😫😒🙄😑😐😖😣🤮🤢👎💩😱😨🤬💔😔😕🙁☹😴🥱🤦😬🤡🗑❌😷🚮😾😓😪😵🤥⛔😟😧🖕🤒😿"),
)
