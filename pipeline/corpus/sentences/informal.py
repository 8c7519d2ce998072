"""Patterns and words of informal text: slang, capitals, emoticons, emoji."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Patterns, lines, split

INFORMAL = Patterns(
    lines(
        """
        {slang}
        {slang}
        {slang}!
        so {slang}
        {noun} is {slang}
        this {noun} is {slang}
        this {noun} is so {slang}
        {the} is {slang}
        {the} is {slang}
        {the} was {slang}
        {the} was {slang}
        {thepart} is {slang}
        {thepart} was {slang}
        {the} is pretty {slang}
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
        {emoji} {emoji}
        {emoji}{emoji}{emoji} {adj}
        {emoji}{emoji} {view}
        {the} {emoji} {emoji}
        {view} {emoji}{emoji}
        {view} {emoji}{emoji}{emoji}
        {clause} {emoji}
        {clause} {emoticon}
        {adj} {emoji}{emoji}{emoji}
        {shout} {emoji}
        {shout} {emoticon}
        {slang} {emoji}
        {slang} {emoji}{emoji}
        {noun} {colloquial} {emoji}
        {thepart} {emoji}
        {part} {emoji} {part} {emoji}
        {liked} it sm {emoji}
        {liked} this {noun} {emoji}{emoji}
        rating: {emoji}
        mood: {emoji}
        that {noun} was {slang} {shorthand}
        {noun} was {slang} {shorthand}
        fr {the} {colloquial}
        this {noun} is straight {slang}
        straight up {slang}
        lowkey {adj}
        highkey {adj}
        deadass {slang}
        literally {slang}
        literally the {most} {noun} ever
        the {noun} was hella {adj}
        mad {adj}
        proper {adj}
        super {adj}
        so {adj} omg
        omfg {adj}
        oh my god {adj}
        tbh its {adj}
        ngl {noun} {colloquial}
        i think its {adj} {shorthand}
        me and my friends {liked} it
        me n my mates {liked} it
        we all {liked} this {noun} {emoticon}
        its {adj} cuz {thepart} {colloquial}
        cuz {thepart} is {slang}
        {thepart} {does} lol
        verdict: {slang}
        cant believe how {adj} this is
        dat {noun} was {adj}
        dis {noun} {colloquial}
        u know its {adj}
        it be {slang}
        y'all, {the} is {slang}
        yo {the} {colloquial}
        yo this {noun} is {slang}
        bro {the} was {slang}
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
        u need this
        u gotta {use} it
        u gotta {use} this {noun}
        2 thumbs up
        two thumbs up {emoji}
        thumbs up
        5 stars {emoji}
        best {noun} eva
        best {noun} ever {emoji}
        im hooked
        totally hooked
        addicted {emoji}
        chefs kiss
        10 outta 10
        died laughing {emoji}
        gimme more
        will def {use} again
        def recommend
        deffo recommend
        smiled the whole time
        had a blast
        good vibes
        great vibes only
        big fan
        huge fan here
        props to whoever made this
        kudos
        hats off
        W
        big W
        slay
        understood the assignment
        goosebumps
        chills, literal chills
        blew my mind
        mind blown {emoji}
        never been happier {emoji}
        exactly what i needed {emoji}
        better than i thought {emoji}
        so glad i got it {emoticon}
        gonna {use} it again {emoji}
        wanna {use} it again
        thank me later
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
        dont bother
        skip it
        skip it {emoji}
        save ur {waste}
        big yikes
        big L
        not it
        this aint it
        aint it chief
        major letdown
        what a letdown {emoji}
        who approved this
        make it stop
        my eyes hurt
        gimme my {waste} back
        i want my {waste} back {emoji}
        fell asleep lol
        zero stars
        0 stars {emoji}
        1 star {emoji}
        1 star is too much
        nah fam
        bad vibes
        i cringed
        cringed so hard
        lost braincells
        total letdown
        such a scam
        scam {emoji}
        smh {emoji}
        im disgusted {emoji}
        worst {noun} eva
        worst {noun} ever {emoji}
        cant believe i paid for this
        cant believe they charge for this
        thumbs down
        two thumbs down {emoji}
        dumpster fire
        total dumpster fire
        hot garbage
        hot mess
        trainwreck
        gonna be sick {emoji}
        wish i could unsee it
        worse than i thought {emoji}
        regret it already {emoticon}
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
        "lovin it, solid, bomb, hella dope, insane, boss, primo, peng, groovy, stellar, unreal, slick, clutch, fab, "
        "amazeballs, brill, lush, a vibe, a whole vibe, elite, peak, next level, a winner, a keeper, too good, 2 good, "
        "da best, top notch, a w"
    ),
    split(
        "trash, garbage, crap, lame, cringe, mid, wack, whack, meh, blah, bleh, crappy, janky, sketchy, weak sauce, "
        "dumb, a joke, bs, bullcrap, shitty, shit, crappy af, so bad, sooo bad, busted, yuck, yucky, icky, gross, ew, "
        "eww, cheugy, a snooze, a fail, an epic fail, trash tier, dogwater, pants, naff, rubbish, poo, a ripoff, ass, "
        "sus, hot garbage, a dumpster fire, a hot mess, crud, cruddy, shite, dreck, pathetic, a letdown, a dud, "
        "a bust, bogus, a scam, lousy, subpar, ratchet, nasty, rank, minging, tripe, bollocks, bunk, da worst, a drag, "
        "a snoozefest, buns, an L, so lame, tacky, 2 bad"
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
    split(r":), :), :-), :D, :-D, =), =D, ;), ;-), <3, <3, xD, ^^, ^_^, :P, :)), :))), :]"),
    split(r":(, :(, :-(, :/, :-/, :'(, >:(, -_-, </3, =(, :((, :(((, :|, :[, =/, T_T"),
)
EMOJI = Both(
    tuple("😀😁😃😄😆😊😍😘😎😋🤩🥰😇🙂😂🤣👍👌👏🙌💪❤💕💖💙💚💜🧡💯🔥🎉🎊✨⭐🌟🏆🥳😻💗🤗😌🙏☺💓🥇✅😸🤤🌈♥👊🤘"),
    tuple("😞😠😡😢😭😤😩😫😒🙄😑😐😖😣🤮🤢👎💩😱😨🤬💔😔😕🙁☹😴🥱🤦😬🤡🗑❌😷🚮😾😓😪😵🤥⛔😟😧🖕🤒😿"),
)
