"""Words and phrases of every domain."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, lines, split

GENERAL = Both(
    split(
        "good, good, good, good, great, great, great, nice, nice, excellent, excellent, wonderful, fantastic, amazing, "
        "awesome, brilliant, superb, terrific, fabulous, lovely, beautiful, perfect, incredible, outstanding, "
        "impressive, delightful, marvellous, marvelous, magnificent, splendid, remarkable, exceptional, enjoyable, "
        "pleasant, satisfying, charming, stunning, gorgeous, phenomenal, sensational, stellar, glorious, first-rate, "
        "first-class, top-notch, solid, decent, likeable, refreshing, cool, neat, sweet, worthwhile, memorable, "
        "unforgettable, adorable, spectacular, heavenly, classy, elegant, exquisite, flawless, super, fun, pleasing, "
        "admirable, effective, satisfactory, commendable, exhilarating, blissful, cheerful, superior, impeccable, "
        "innovative, effortless, seamless, vibrant, wholesome, chic, soothing, invigorating, ingenious, gracious, "
        "heroic, valuable, beneficial, favourable, promising, genius, addictive, noteworthy, laudable, peerless, "
        "dazzling, tremendous, grand, swell, nifty, spiffy, pristine, divine, priceless, stupendous, luminous, "
        "winning, cheering, agreeable, appealing, alluring, smashing, ace, extraordinary, astonishing, great fun, "
        "world-class, attractive, pretty, interesting, likable, well done, unbeatable, faultless, ideal, praiseworthy, "
        "special, unique, wonderful, pleasurable, sublime, cute"
    ),
    split(
        "bad, bad, bad, bad, poor, poor, terrible, terrible, horrible, horrible, awful, awful, dreadful, lousy, "
        "disappointing, disappointing, mediocre, atrocious, appalling, abysmal, pathetic, horrendous, horrid, hideous, "
        "ugly, nasty, miserable, useless, worthless, unpleasant, annoying, irritating, frustrating, boring, dull, "
        "unacceptable, ridiculous, disgraceful, shameful, embarrassing, inferior, substandard, second-rate, "
        "third-rate, sad, lame, crappy, rubbish, shocking, painful, unbearable, insufferable, laughable, dismal, "
        "woeful, ghastly, disastrous, deplorable, underwhelming, unsatisfactory, inadequate, subpar, stupid, "
        "pointless, repulsive, abominable, pitiful, feeble, obnoxious, repugnant, loathsome, despicable, insulting, "
        "deceptive, misleading, fraudulent, hazardous, toxic, putrid, foul, stinky, rotten, stingy, sluggish, erratic, "
        "inconsistent, cumbersome, awkward, excruciating, agonizing, intolerable, unforgivable, inexcusable, dreary, "
        "bleak, drab, garish, tawdry, scruffy, grimy, cheap, exorbitant, botched, ruined, wasted, upsetting, "
        "distressing, troubling, discouraging, sickening, revolting, detestable, contemptible, outrageous, scandalous, "
        "sorry, shoddy, worthless, trashy, unhelpful, unwelcome, undesirable, unbearable, infuriating, offensive, "
        "tiresome, depressing, wretched, vile, gross, mindless, weak, unimpressive, dire, horrific, disagreeable, "
        "sub-standard, half-hearted, overrated, regrettable, hopeless, overhyped"
    ),
)
DENIED = Both(
    GENERAL.positive
    + split("funny, interesting, exciting, useful, comfortable, tasty, friendly, clean, helpful, clever"),
    split(
        "bad, bad, bad, bad, bad, boring, boring, dull, disappointing, disappointing, ugly, annoying, difficult, hard, "
        "expensive, slow, noisy, complicated, stupid, silly, unpleasant, cheap-looking, dirty, rude, predictable, "
        "confusing, painful, heavy, uncomfortable, tedious, pretentious, salty, greasy, overpriced, crowded, "
        "tasteless, terrible, awful, horrible, poor, cheesy, stressful, shabby, flimsy, mediocre, frustrating, "
        "useless, weak, dry"
    ),
)
COMPARED = Both(
    split(
        "better, better, better, better, nicer, funnier, tastier, fresher, prettier, cleaner, faster, quicker, "
        "smarter, stronger, friendlier, cheaper, smoother, sharper, easier to use, more comfortable, more interesting, "
        "more fun, more useful, more reliable, more beautiful, more enjoyable, more impressive, more exciting, more "
        "helpful, more elegant, more entertaining, more moving, quieter, softer, lighter, more convincing, richer, "
        "cooler, livelier"
    ),
    split(
        "worse, worse, worse, worse, uglier, duller, slower, dirtier, noisier, weaker, sillier, dumber, ruder, colder, "
        "more expensive, more boring, more annoying, more confusing, more disappointing, more tedious, more "
        "predictable, less comfortable, less funny, less interesting, less reliable, less tasty, less useful, less "
        "enjoyable, poorer, flimsier, heavier, more complicated, less friendly, less impressive, less convincing, "
        "harder to use, smellier"
    ),
)
MOST = Both(
    split(
        "best, best, best, best, best, nicest, funniest, finest, greatest, loveliest, tastiest, cleanest, smartest, "
        "friendliest, most beautiful, most enjoyable, most exciting, most interesting, most useful, most comfortable, "
        "most impressive, most delightful, most memorable, most moving, most reliable, coolest, prettiest, most "
        "original"
    ),
    split(
        "worst, worst, worst, worst, worst, ugliest, dullest, dumbest, slowest, dirtiest, stupidest, silliest, lamest, "
        "rudest, most boring, most annoying, most disappointing, most tedious, most useless, most expensive and least "
        "useful, most pointless, least funny, least interesting, most overrated, weakest, poorest, most uncomfortable, "
        "most pathetic, most ridiculous, cheapest-looking, most depressing"
    ),
)
LIKED = Both(
    split(
        "liked, liked, liked, loved, loved, loved, enjoyed, enjoyed, adored, appreciated, admired, treasured, "
        "relished, savoured, raved about, praised, swore by, was fond of, was crazy about, was wild about, couldn't "
        "get enough of, got hooked on, was touched by, was fascinated by, was enchanted by, was happy with, really "
        "liked, absolutely loved, thoroughly liked, really enjoyed, fell in love with, was impressed by, was delighted "
        "with, was thrilled by, had fun with, was charmed by, was blown away by, was very happy with, was pleased "
        "with, was amazed by, was moved by"
    ),
    split(
        "hated, hated, hated, hated, disliked, disliked, despised, detested, loathed, regretted, really disliked, "
        "dreaded, resented, abhorred, deplored, couldn't bear, complained about, gave up on, cursed, was sick of, was "
        "fed up with, was shocked by, was horrified by, was offended by, was underwhelmed by, had to endure, was "
        "frustrated with, absolutely hated, was disappointed by, was disappointed with, was bored by, was annoyed by, "
        "was irritated by, was disgusted by, got tired of, was unhappy with, was put off by, was let down by, couldn't "
        "stand, suffered through, was appalled by, was angry about, can't stand"
    ),
)
LIKE = Both(
    split(
        "like, like, like, like, love, love, enjoy, enjoy, adore, appreciate, admire, recommend, cherish, value, "
        "treasure, relish, swear by, praise"
    ),
    split(
        "hate, hate, dislike, despise, detest, loathe, regret, resent, abhor, can't stand, can't bear, dread, deplore"
    ),
)
REGRET = split("regret, mind, dislike, complain about, get tired of, get bored of, have any trouble with, hate")
FEELING = Both(
    split(
        "happy, very happy, pleased, delighted, satisfied, impressed, thrilled, glad, amazed, grateful, excited, over "
        "the moon, extremely satisfied, more than happy, pleasantly surprised, overjoyed, content, fully satisfied"
    ),
    split(
        "unhappy, very unhappy, disappointed, disappointed, dissatisfied, annoyed, angry, furious, frustrated, upset, "
        "fed up, disgusted, bored, shocked, appalled, sad, unimpressed, deeply disappointed, irritated, sick, livid"
    ),
)
VERDICT = Both(
    split(
        "masterpiece, gem, delight, joy, triumph, bargain, treasure, winner, success, classic, must-have, treat, hit, "
        "pleasure, real find, little gem, dream, life-saver, game changer, true classic, big success, good choice, "
        "pleasant surprise, work of art, great buy, wonderful surprise, keeper, blessing, knockout, stroke of genius"
    ),
    split(
        "disaster, mess, disgrace, joke, failure, nightmare, insult, letdown, disappointment, scam, fraud, bore, flop, "
        "catastrophe, travesty, rip-off, dud, total failure, bad joke, shambles, embarrassment, big mistake, huge "
        "disappointment, piece of junk, piece of garbage, fiasco, pain, turkey, bad choice, monstrosity, shame, "
        "complete flop, horror, train wreck, trap, chore, piece of rubbish, bad dream"
    ),
)
DOES = Both(
    split(
        "shines, delivers, impresses, works, rocks, delights, succeeds, excels, convinces, satisfies, pleases, amazes, "
        "inspires, never gets old, always makes me smile, hits the mark, stands out, works wonders, sparkles, makes me "
        "happy, pays off, soars, charms, surprises in the best way, keeps getting better, exceeds expectations, "
        "deserves praise, deserves all the praise, deserves more attention, lives up to its reputation, brightens my "
        "day"
    ),
    split(
        "fails, disappoints, stinks, sucks, bores, annoys, falls flat, falls apart, drags, lets you down, misses the "
        "mark, irritates, flops, goes nowhere, gets old fast, makes me angry, ruins everything, breaks down, leaves me "
        "cold, falls short, makes no sense, grates, gets on my nerves, goes downhill fast, wears thin, keeps getting "
        "worse, makes me cringe, lacks everything, needs a lot of work, deserves its bad reputation, wastes your time, "
        "collapses, runs out of steam, makes me sick, ruined my day"
    ),
)
PLEASE = Both(
    split(
        "impress, convince, entertain, satisfy, please, deliver, excite, charm, amuse, work, work properly, surprise, "
        "engage, help, move me, make me laugh, live up to the hype, meet my expectations, hold my interest, inspire, "
        "live up to its promise, keep its promises, do what it should, justify its price"
    ),
    split(
        "disappoint, disappoint, annoy, bore, bother me, break, fail, drag, let you down, get boring, get old, fall "
        "apart, get in the way, wear out, waste your time, go wrong, hurt, lose its charm, overstay its welcome"
    ),
)
VIRTUE = Both(
    split(
        "charm, wit, warmth, humour, humor, flavour, energy, style, heart, imagination, originality, depth, quality, "
        "taste, character, class, beauty, life, passion, intelligence, soul, substance, comfort, value, suspense, "
        "magic, tension, ideas, surprises, good ideas, fun, emotion, personality, creativity, good manners, kindness"
    ),
    split(
        "clichés, mistakes, errors, bugs, faults, problems, holes, flaws, nonsense, noise, dirt, rubbish, lies, empty "
        "promises, bad jokes, dead ends, defects, boredom, stereotypes, cheap tricks, hassle, hidden costs, delays, "
        "excuses, weaknesses, dust, tired jokes, trouble"
    ),
)
NOBODY = split(
    "nobody, nobody, no one, no one, none of us, not one of us, neither of us, not a soul, hardly anyone, hardly "
    "anybody, nobody in our group, no one in my family, not a single person, not one of my friends, nobody I know, no "
    "guest"
)
AWAITED = split("expected, was expecting, was promised, had hoped for, had feared, had in mind, read about")
HITCH = split("hitch, problem, fault, flaw, glitch, delay, mistake, complaint, issue, scratch, blemish, error, snag")
WELL = Both(
    split(
        "well, beautifully, perfectly, brilliantly, flawlessly, wonderfully, very well, superbly, nicely, smoothly, "
        "great"
    ),
    split("badly, poorly, terribly, horribly, awfully, dreadfully, very badly, miserably, clumsily, hardly at all"),
)
DONE = split(
    "made, done, written, designed, put together, organised, produced, planned, built, presented, executed, packed, "
    "prepared, crafted, thought out, acted, cooked, explained, run"
)
ABSOLUTE = split("absolutely, simply, just, truly, really, utterly, totally, completely, downright, plain")
VERY = split(
    "very, very, very, really, really, so, extremely, incredibly, truly, pretty, quite, absolutely, totally, rather, "
    "particularly, especially, super, exceptionally, surprisingly, remarkably, wonderfully, insanely, terribly, "
    "awfully, simply, just, deeply, thoroughly, consistently, genuinely, always, unbelievably, amazingly, damn"
)
MUCH = split(
    "much, much, far, a lot, way, so much, even, significantly, considerably, noticeably, clearly, slightly, a bit"
)
PERSON = split(
    "I, I, I, I, I, I, we, we, we all, my wife, my husband, my son, my daughter, my friends, everyone, everybody, my "
    "family, my kids, my mother, my dad, my boyfriend, my girlfriend, my sister, my brother, our guests, the whole "
    "family, my grandmother, {name}, {name}, the kids, my colleagues, the audience, my partner, my parents, my boss"
)
NAME = split(
    "Anna, Peter, Fatima, John, Li, Carlos, Emma, Yusuf, Olga, Kenji, Priya, Tom, Sofia, Mohammed, Julia, David, "
    "Aisha, Lucas, Ingrid, Samuel, Chloe, Ivan, Nadia, Paul, Rosa, Daniel, Mei, Omar, Lisa, Robert, Sarah, Michael"
)
CITY = split(
    "London, Berlin, Madrid, Rome, Tokyo, Chicago, Boston, Vienna, Lisbon, Sydney, Toronto, Dublin, Mumbai, Cairo, "
    "Prague, Seattle, Athens, Istanbul, Amsterdam, Barcelona, Nairobi, Lima, Seoul, Stockholm, Edinburgh, Munich"
)
WHEN = split(
    "yesterday, last night, last week, last month, on Sunday, on Friday, this morning, last year, in {city}, in "
    "{city}, a week ago, with my family, with friends, for my birthday, over the weekend, with {name}, in May, after "
    "work"
)
REFERENCE = split(
    "expected, I expected, I had hoped, the first one, the last one, the old one, the original, the previous version, "
    "its competitors, what I had before, anything else in {city}, the one next door, I remembered, people say, ever, "
    "before, last year, the others, most others, the rest, the average {noun}, my old one, the one in {city}, what you "
    "get elsewhere, the advertisement promised, I thought it would be, the book, the cheaper ones"
)
EXPECTED = split(
    "expected, I expected, I had hoped, people say, advertised, it looks, the pictures suggest, I thought, they claim"
)
EXPECTATION = split("expectations, hype, price, reviews, reputation, trailer, promises, advertising, looks, name")
OTHER = split(
    "the original, the first one, the old one, the last one, the previous one, the one next door, my old one, the "
    "book, last year's {noun}, the one in {city}, the cheaper one, the competition, the usual {noun}"
)
RATHER = split(
    "watch the news, stay at home, go to the dentist, do my taxes, clean the bathroom, go hungry, walk home, sleep, "
    "sit in a traffic jam, do the dishes, read the phone book, pay more, have nothing at all"
)
WASTE = split("time, time, money, money, evening, energy, life, hard-earned money, weekend")
WORTH = split(
    "wait, money, price, trip, effort, visit, time, drive, hype, walk, cost, detour, read, trouble, extra cost"
)
TOO = split(
    "long, short, loud, small, big, expensive, slow, salty, sweet, spicy, cold, hot, heavy, thin, tight, complicated, "
    "crowded, dark, bright, dry, greasy, hard, soft, simple, far away, noisy, predictable, violent, silly, "
    "sentimental, narrow, strong, weak, bitter, fast, oily, late, stiff, childish, difficult, busy, similar to the "
    "others, fragile"
)
ENOUGH = split(
    "long, loud, big, warm, hot, strong, funny, fresh, fast, sweet, spicy, bright, sharp, clean, soft, comfortable, "
    "interesting, original, clear, large, sturdy, deep, exciting, scary, convincing, flexible, powerful, friendly"
)
THING = Both(  # "it is not ... : a good thing, a bad thing"
    split(
        "bargain, good film, good idea, good choice, masterpiece, success, pleasure, great deal, good product, classic"
    ),
    split(
        "waste of time, waste of money, bad choice, bad idea, bad film, disappointment, rip-off, failure, mistake, flop"
    ),
)
STAFF = split(  # who does what the events of SERVICE say
    "waiter, waitress, driver, nurse, doctor, receptionist, owner, manager, guide, barber, mechanic, cashier, seller, "
    "clerk, host, chef, technician, teacher, instructor, landlord, man at the desk, lady on the phone, plumber, "
    "dentist, assistant, person we spoke to, staff, crew, stewardess, cook, trainer, shop assistant, sales lady, vet, "
    "guy at the door"
)
AFTERWARDS = Both(
    lines(
        """
        I have ordered another one
        I would do it all over again
        I am going back next week
        I told all my friends about it
        I'm keeping it
        I left a big tip
        it was the right decision
        we have already booked again
        my neighbour bought one as well
        I will be a customer for life
        we came home happy
        I gave one to everybody in the family
        now I use nothing else
        I recommended it to my boss
        you have made a customer very happy
        I can only say thank you
        give these people a medal
        we could have stayed all night
        I'm ordering it again tonight
        """
    ),
    lines(
        """
        I am sending it back
        I switched to another brand
        I cancelled it
        I complained and nothing happened
        I asked for my money back
        spend your money elsewhere
        buy something else
        I've learned my lesson
        I went back to my old one
        we left hungry
        I had to buy a new one
        I left without paying
        it went back to the shop
        I am out of 50 dollars
        now it gathers dust
        it is in the trash where it belongs
        I will take my business elsewhere
        we went to another place
        I told all my friends to stay away
        I reported them
        they have lost a customer
        I had to call a lawyer
        look for another {noun}
        find another {noun}
        I ended up paying twice
        I want an apology
        """
    ),
)
BEFORE = split(
    "honestly, frankly, to be honest, overall, in my opinion, for me, well, in short, all in all, personally, I have "
    "to say, sorry, let me tell you, in the end, to sum up, believe me, once again, as always, all things considered, "
    "wow, ok, seriously, in fact, so far, update, verdict, after a week of use, after two months, after {using} it "
    "twice"
)
BEHIND = split(
    "to be honest, in my opinion, if you ask me, overall, I think, for sure, this time, as always, really, honestly, "
    "so far, in every way, in my book, from beginning to end, again, my friends, though I say so myself, no doubt "
    "about it, and I mean it, trust me, that's all, period, end of story, as {name} said, we all agreed, and {name} "
    "agrees"
)
ASIDE = lines(
    """
    I bought it for my mother
    I got it as a present
    we went there {when}
    we saw it {when}
    I ordered it {when}
    {name} gave it to me
    it was our second time
    this was our first visit
    I am writing this from {city}
    I have had it for three months
    my son is eight years old
    we were a group of six
    I saw it on tv
    it was a birthday present
    we had booked in advance
    I live nearby
    I read about it in the paper
    a friend told me about it
    it came on Tuesday
    we are from {city}
    """
)
