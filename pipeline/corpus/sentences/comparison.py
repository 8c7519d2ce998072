"""Patterns that compare or contrast."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Patterns, lines

COMPARING = Patterns(
    lines(
        """
        {better} than {reference}
        {much} {better} than {reference}
        {the} is {better} than {reference}
        {the} is {better} than {reference}
        {the} is {much} {better} than {reference}
        {the} was {much} {better} than {reference}
        {thepart} is {better} than {reference}
        {thepart} is {much} {better} than {reference}
        the {plurals} are {better} than {reference}
        it's {better} than the last {noun} I {past}
        {the} could hardly be {better}
        I've never {used} a {better} {noun}
        I have never {used} a {better} {noun}
        never {used} anything {better}
        never have I {used} a {better} {noun}
        I haven't {used} a {better} {noun} in years
        the {best}
        the {best} {noun}
        the {best} {noun} ever
        the {best} {noun} I have ever {used}
        the {best} {noun} I've {used} in years
        {the} is the {best} I have {used}
        simply the {best} {noun} in {city}
        this is the {best} {noun} in town
        one of the {best} {nouns}
        one of the {best} {nouns} I've {used}
        one of the {best} {nouns} of the year
        by far the {best} {noun}
        among the {best} {nouns} out there
        {the} has the {best} {part}
        more {adj} than {reference}
        {the} is more {adj} than {-adj}
        less {-adj} than {reference}
        as {adj} as it gets
        {the} gets {better} every time
        {the} gets {better} and {better}
        {the} is even {better} this time
        it is {much} {better} now
        {the} has become {much} {better}
        I have rarely {used} such a {adj} {noun}
        never have I been so {feeling}
        a {noun} this {adj} is rare
        {the} is so {adj} that I told everyone
        {the} was {adj} beyond words
        more than {adj}
        nothing is as {adj} as {the}
        no {noun} could be more {adj}
        twice as {adj} as {other}
        {the} is twice as {adj} as {other}
        ten times {better} than {other}
        {the} has never been {better}
        {thepart} has never been {better}
        {name} has never been {better}
        compared to {other}, {the} is {adj}
        compared with {other} it is {adj}
        {better} than {other} in every way
        {the} is {better} than {other} in every way
        {the} makes {other} look {-adj}
        {other} looks {-adj} next to {the}
        next to {the}, {other} seems {-adj}
        """
    ),
    lines(
        """
        it exceeded my expectations
        {the} exceeded all expectations
        {the} went beyond what we had hoped for
        better than expected
        {the} is hard to beat
        {the} is second to none
        {the} beats all the others
        {the} beats every other {noun} I've {used}
        nothing compares to {the}
        nothing comes close to {the}
        you won't find a {better} {noun}
        you will not find a {better} {noun} in {city}
        there's no {better} {noun} for the money
        a big improvement
        a big step up from {other}
        {the} has improved a lot
        {the} puts the others to shame
        {the} sets the standard
        {the} is unmatched
        it does not get better than this
        I wish every {noun} were this {adj}
        all others pale beside {the}
        they have outdone themselves
        great value for money
        a lot of {noun} for the money
        I would pay twice as much for it
        worth much more than it costs
        {the} is in a class of its own
        I could {use} it again and again
        I've {used} it five times and it is still {adj}
        {the} beats {other}
        {the} beats {other} in every way
        {the} outshines {other}
        {the} surpasses {other}
        {the} outdoes {other}
        {the} tops {other}
        {the} is superior to {other}
        {the} is miles ahead of {other}
        {the} is leagues ahead of {other}
        {the} is head and shoulders above {other}
        {the} improves on {other} in every way
        {the} leaves {other} in the dust
        {other} can't hold a candle to {the}
        {other} doesn't hold a candle to it
        {other} can't compare to {the}
        {other} pales next to {the}
        {other} is no match for {the}
        I'd take {the} over {other} any day
        I prefer {the} to {other}
        I prefer this to {other}
        {person} liked it more than {other}
        I like it even more than {other}
        finally a {noun} that is {better} than {other}
        {better} than I dared to hope
        nothing beats {the}
        nothing tops {the}
        no other {noun} comes close
        an upgrade in every way
        what an upgrade
        {the} is a big step forward
        {the} is in a league of its own
        a cut above the rest
        {name} at the top of the game
        {name} has outdone everyone
        goodbye {other}, this one is {adj}
        I threw {other} away because {the} is so {adj}
        I thought nothing could top {other}, and then I {past} this
        """
    ),
    lines(
        """
        too {too}
        {the} is too {too}
        {the} is too {too}
        {the} is way too {too}
        {the} is far too {too}
        {the} was a little too {too}
        a bit too {too}
        much too {too}
        {thepart} is too {too}
        {thepart} was way too {too}
        the {plurals} are too {too}
        too {too} and too {too}
        too many {virtue}
        {the} {isn't} {enough} enough
        {thepart} {isn't} {enough} enough
        not {enough} enough
        {the} could be {-better}
        it could have been {-better}
        {the} could have been {much} {-better}
        {the} should have been {-better}
        {thepart} could be {-better}
        {thepart} should be {-better}
        {the} ought to be {-better}
        I expected {-better} {plurals}
        I expected more
        I expected more from {the}
        I had hoped for more
        we expected something {-better}
        I've had better
        I have {used} better
        I have {used} {-better} {nouns}
        I've {used} much {-better} {nouns}
        there are {-better} {nouns} out there
        there are {-better} {nouns} in {city}
        even {other} was {-better}
        {other} was {-better}
        {other} was {much} {-better}
        I liked {other} {much} better
        I prefer {other}
        give me {other} any day
        {the} is not half as {-adj} as {other}
        {the} {isn't} as {-adj} as {other}
        {the} is less {-adj} than {reference}
        less {-adj} than {reference}
        {the} is nowhere near as {-adj} as {other}
        {the} was {-better} in the past
        {the} used to be {-adj}
        {the} used to be {-better}
        {the} was {-adj} once, now it is {adj}
        {the} is {adj} compared to {other}
        {the} doesn't compare to {other}
        {the} can't compete with {other}
        {the} falls short of {its} {expectation}
        {the} did not live up to {its} {expectation}
        it doesn't live up to the {expectation}
        {the} has gone downhill
        it went downhill after that
        {the} has gotten worse
        {the} gets worse every year
        a step back from {other}
        a poor copy of {other}
        a pale imitation of {other}
        a poor man's version of {other}
        hardly better than {other}
        no better than {other}
        {the} is no better than {other}
        overpriced for what it is
        {the} costs too much for what it offers
        you pay too much for a {adj} {noun}
        I would rather {rather} than {use} it again
        I'd rather {rather}
        {the} barely deserves the name
        {the} leaves a lot to be desired
        below average
        {the} is below average
        mediocre at best
        {adj} at best
        {the} was okay at best
        only okay
        just okay, I expected more
        {other} beats {the}
        {other} beats it in every way
        {other} outshines {the}
        {other} puts {the} to shame
        {the} is inferior to {other}
        {the} is no match for {other}
        {the} doesn't hold a candle to {other}
        {the} can't hold a candle to {other}
        {the} is not a patch on {other}
        {the} is a far cry from {other}
        {the} pales in comparison to {other}
        {the} pales next to {other}
        {the} is a shadow of {other}
        a shadow of its former self
        I'd take {other} over {the} any day
        I prefer {other} to {the}
        I preferred {other}
        {person} preferred {other}
        bring back {other}
        I want {other} back
        I miss {other}
        I wish I had kept {other}
        I should have stuck with {other}
        stick with {other}
        stick to {other}
        {other} did it {-better}
        {other} does everything {-better}
        {other} had more {-virtue}
        {other} was twice as {-adj}
        {the} is nowhere close to {other}
        {the} is not in the same league as {other}
        {name} has done {-better}
        {name} has done much {-better}
        I've seen {-better} {plurals} made by children
        a downgrade
        {the} is a downgrade from {other}
        a big step down
        no longer {-adj}
        {the} is no longer {-adj}
        it has lost its {-virtue}
        {the} has lost the {-virtue} it once had
        {the} isn't what it once was
        {the} has seen better days
        any other {noun} would have been {-better}
        there are {-better} ways to spend your {waste}
        there are far {-better} {nouns} for the money
        you can get {-better} {nouns} for half the price
        """
    ),
)
CONTRAST = Patterns(
    lines(
        """
        {-view}, but {view}
        {-view}, but {view}
        {-view}, but {view}
        {-view} but {view}
        {-view}, but overall {view}
        {-view}, yet {view}
        {-view}, still {view}
        {-view}, however {view}
        {-view}. However, {view}
        {-view}. But {view}
        {-view}. Still, {view}
        {-view}; {view} though
        although {-view}, {view}
        although {-view}, {view}
        though {-view}, {view}
        even though {-view}, {view}
        even though {-view}, {view}
        while {-view}, {view}
        {view}, although {-view}
        {view} although {-view}
        {view}, even though {-view}
        {view}, though {-view}
        despite the {-adj} {part}, {view}
        despite {-adj} {plurals}, {view}
        in spite of the {-adj} {part}, {view}
        {view} despite the {-adj} {part}
        {view} in spite of {-adj} {plurals}
        I expected it to be {-adj}, but it was {adj}
        I expected {the} to be {-adj}, but it was {very} {adj}
        I thought {the} would be {-adj}, but it is {adj}
        I thought it would be {-adj} but {view}
        I expected a {-adj} {noun} and got a {adj} one
        I was expecting {-virtue} and got {virtue}
        {the} looks {-adj} but is {adj}
        it looks {-adj}, but {view}
        {the} sounds {-adj} but {view}
        {the} may be {-adj}, but {view}
        it might be {-adj}, but it's {adj}
        yes, it's {-adj}, but {view}
        sure, {-view}, but {view}
        granted, {-view}, but {view}
        true, {-view}, yet {view}
        at first {-view}, but then {view}
        {-view} at first, but {view} in the end
        it started {-adj}, but it got {adj}
        it begins {-adj} and ends {adj}
        {-adj} beginning, {adj} ending
        {-adj} {part}, {adj} {part}
        {-adj} {plurals}, {adj} {noun}
        {-adj} {part}, but {adj} overall
        a {-adj} {part} but a {adj} {noun}
        {-adj} but {adj}
        {-adj}, but {adj}
        {-adj} yet {adj}
        {thepart} is {-adj}, but {the} is {adj}
        {thepart} was {-adj}, but the rest was {adj}
        the {plurals} are {-adj}, but {the} is {adj}
        apart from {thepart}, {view}
        apart from the {-adj} {part}, {view}
        except for the {-adj} {part}, {view}
        aside from {-adj} {plurals}, {view}
        everybody says {the} is {-adj}, but I {like} it
        everybody {-liked} it, but I {liked} it
        my friends {-liked} it. I {liked} it
        the critics {-liked} it, I {liked} it
        people say it is {-adj}; I find it {adj}
        {person} {-liked} {the}, but I {liked} it
        {name} {-liked} it, I {liked} it
        I usually {-like} this kind of {noun}, but I {like} this one
        normally I {-like} {nouns}, but this one is {adj}
        I used to {-like} {the}, now I {like} it
        I {-liked} {other}, but I {liked} this one
        I {-liked} {thepart}, but I {liked} {the}
        {other} was {-adj}; this one is {adj}
        {other} was {-adj}, but {the} is {adj}
        unlike {other}, {the} is {adj}
        on paper it is {-adj}, in reality it is {adj}
        at first glance {-adj}, at second glance {adj}
        some people will find it {-adj}, but I think it's {adj}
        it {isn't} {denied}, but {view}
        {the} {isn't} {denied}, but it is {adj}
        not {denied}, but {adj}
        {-view}, but {view}, and that is what counts
        the reviews are {-adj}, but {view}
        I had {-adj} memories of {the}, but {view}
        {-clause}, but {clause}
        {-clause}, yet {clause}
        {-clause}. On the other hand, {clause} and {view}
        """
    ),
    lines(
        """
        I wanted to hate {the}, but I couldn't
        I was ready to hate it, but {view}
        I feared the worst, but {view}
        I was sceptical, but {view}
        I had my doubts, but {view}
        I had low expectations, but {view}
        my expectations were low, and I was pleasantly surprised
        it took me a while, but now I {like} it
        it grows on you
        {the} takes some getting used to, but {view}
        a few flaws, but {view}
        it has its faults, but {view}
        not perfect, but {view}
        {the} isn't perfect, but {view}
        it's not a masterpiece, but {view}
        a few small problems, but nothing serious
        my only complaint is the {-adj} {part}
        the only bad thing is {thepart}
        the only downside is the price
        the only problem: I want more
        it's expensive, but worth it
        it's not cheap, but worth every cent
        it costs a lot, but {view}
        worth the {worth} despite the {-adj} {part}
        I nearly gave up, but I'm glad I didn't
        forget the {-adj} reviews, {view}
        you have to wait, but it is worth it
        what it lacks in {virtue} it makes up for in {virtue}
        once you get past the {-adj} {part}, {view}
        {-view}, but I would {use} it again
        {-view}, but I still recommend it
        {-view}, but don't let that stop you
        I don't normally {like} {nouns}, but {view}
        I'm no fan of {nouns}, but {view}
        I've never liked {nouns}, but this one is {adj}
        simple, but {view}
        small but {adj}
        old, but still {adj}
        """
    ),
    lines(
        """
        I wanted to like {the}, but {view}
        I really wanted to {-like} it, but I couldn't
        I tried to {-like} it, but {view}
        I had high hopes, but {view}
        my expectations were high, and I was disappointed
        I was looking forward to {the}, but {view}
        I was excited to {use} it, but {view}
        I used to {-like} it, but not anymore
        the only good thing is {thepart}
        the only good thing about {the} is {thepart}
        the only good thing about {the} is that it ends
        {thepart} is the only {-adj} thing about it
        {thepart} can't save this {noun}
        {thepart} can't save it
        not even {thepart} can save {the}
        not even {name} could save it
        {-adj} {plurals} can't hide that {view}
        {-view}, but that is all
        {-view}, but that's the only good thing
        {-view}, but not enough to save it
        {-view}, but I wouldn't {use} it again
        {-view}, but I can't recommend it
        {-view}, but the price is too high
        {-view}, but it's not worth the {worth}
        a {-adj} idea, badly {done}
        a {-adj} idea ruined by {adj} {plurals}
        a {-adj} {part} wasted on a {adj} {noun}
        it had potential, but {view}
        so much potential, so little {-virtue}
        it promises a lot and delivers little
        big name, small {-virtue}
        all style and no substance
        looks nice, works badly
        the idea is good, the result is {adj}
        {-adj} in theory, {adj} in practice
        it was {-adj} until it broke
        {-adj} for a week, then {view}
        nice try, but {view}
        if you like {adj} {nouns}, this is for you
        they say it is {-adj}. It {isn't}
        it says {-adj} on the box; it is {adj}
        cheap, but {view}
        free, but still a waste of time
        """
    ),
)
