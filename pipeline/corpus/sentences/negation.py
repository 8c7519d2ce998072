"""Patterns with a negation."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Patterns, lines

NEGATED = Patterns(
    lines(
        """
        not {-denied}
        not {-denied}
        not {-denied} at all
        not at all {-denied}
        not a {-denied} {noun}
        {isn't} {-denied}
        it {isn't} {-denied}
        it {isn't} {-denied}
        it {isn't} {-denied} at all
        it {isn't} a {-denied} {noun}
        this {isn't} {-denied}
        this {noun} {isn't} {-denied}
        that {isn't} a {-denied} {noun}
        {the} {isn't} {-denied}
        {the} {isn't} {-denied}
        {the} {isn't} {-denied}
        {the} {isn't} {-denied} at all
        {the} {isn't} at all {-denied}
        {the} {isn't} a {-denied} {noun}
        {the} {isn't} {-denied} or {-denied}
        {the} is never {-denied}
        {the} was never {-denied}
        {the} is neither {-denied} nor {-denied}
        neither {-denied} nor {-denied}
        {the} is far from {-denied}
        far from {-denied}
        {the} is anything but {-denied}
        anything but {-denied}
        {the} is by no means {-denied}
        {the} is hardly {-denied}
        hardly {-denied}
        {thepart} {isn't} {-denied}
        {thepart} {isn't} {-denied}
        the {plurals} {aren't} {-denied}
        the {plurals} {aren't} {-denied} at all
        there is nothing {-denied} about it
        there's nothing {-denied} about {the}
        there is nothing {-denied} about {thepart}
        nothing {-denied} about it
        nothing about it is {-denied}
        I {don't} think {the} is {-denied}
        I {don't} think it is {-denied}
        I {don't} think it's {-denied}
        I {don't} find it {-denied}
        I {don't} find {the} {-denied}
        I {didn't} find {thepart} {-denied}
        I wouldn't call {the} {-denied}
        I would not call it {-denied}
        I wouldn't say it is {-denied}
        I can't say it was {-denied}
        nobody would call {the} {-denied}
        nobody can say that {the} is {-denied}
        you can't call it {-denied}
        {the} {isn't} {-denied}, it is {adj}
        it {isn't} {-denied}, it's {adj}
        not {-denied} but {adj}
        not {-denied}, just {adj}
        {the} {isn't} just {adj}, it is {adj}
        not only {adj} but also {adj}
        {the} is not only {adj}, {thepart} is {adj} as well
        {the} {doesn't} {-please}
        {the} {doesn't} {-please}
        {the} {didn't} {-please}
        it {didn't} {-please}
        it {doesn't} {-please}
        {thepart} {doesn't} {-please}
        the {plurals} {don't} {-please}
        {the} {won't} {-please}
        {the} will never {-please}
        {the} never {-pleases}
        it {isn't} a {-thing}
        {the} {isn't} a {-thing}
        {the} was not a {-thing}
        {person} {wasn't} {-feeling}
        I {wasn't} {-feeling} with it
        I'm not {-feeling} with {the}
        we {weren't} {-feeling}
        nobody was {-feeling}
        no {-virtue}
        no {-virtue} and no {-virtue}
        there is no {-virtue} in it
        {the} has no {-virtue}
        without any {-virtue}
        {the} is without {-virtue}
        {the} is free of {-virtue}
        there's no {-virtue} here
        {the} {isn't} what I would call {-denied}
        {the} never feels {-denied}
        never {-denied}
        none of the {plurals} are {-denied}
        none of it was {-denied}
        {the} {isn't} {-denied} in the least
        at no point is {the} {-denied}
        without a doubt the {best} {noun}
        without doubt {adj}
        without question the {best} {noun} in {city}
        no doubt, {view}
        no doubt about it, {view}
        no joke, {view}
        no kidding, {view}
        no question, {view}
        there's no denying that {view}
        can't lie, {view}
        I can't tell you how {adj} {the} is
        I cannot describe how {adj} it was
        I can't believe how {adj} {the} is
        you wouldn't believe how {adj} it is
        I've never been so {feeling}
        I have never {used} anything so {adj}
        I had never {used} such a {adj} {noun} before
        I don't know when I last {past} such a {adj} {noun}
        not only is {the} {adj}, but {view}
        {the} is nothing but {adj}
        nothing short of {adj}
        I don't mind saying that {view}
        needless to say, {view}
        not surprisingly, {view}
        it's not just {thepart} that is {adj}
        words can't describe how {adj} it is
        is it {-adj}? no
        is it {-denied}? not at all
        is it {adj}? yes
        is it {adj}? very
        was it {-denied}? not really
        {-adj}? no, {adj}
        {-adj}? I don't think so
        {-denied} it is not
        {-denied} it {isn't}
        I thought it would be {-adj}, but it {isn't}
        I thought {the} would be {-denied}, but it {isn't}
        I expected it to be {-denied}. It {isn't}
        I was told it was {-adj}. It {isn't}
        they promised {-adj} {plurals}. They {aren't} {-adj}
        it {doesn't} make {the} {-denied}
        I wouldn't describe {the} as {-denied}
        can't say that {thepart} is {-denied}
        I {don't} consider it {-denied}
        I {don't} think anyone will find it {-denied}
        I {don't} agree that {the} is {-denied}
        it is not true that {the} is {-denied}
        don't expect anything {-denied}
        {nobody} found it {-denied}
        {nobody} found {the} {-denied}
        {nobody} found {thepart} {-denied}
        {nobody} thought {the} was {-denied}
        {nobody} would call {the} {-denied}
        {nobody} {-liked} it
        {nobody} {-liked} {the}
        {nobody} {-liked} {thepart}
        {nobody} was {-feeling}
        {nobody} was {-feeling} with {thepart}
        {nobody} left {-feeling}
        {nobody} went home {-feeling}
        {nobody} had anything {-adj} to say about {the}
        I don't have anything {-adj} to say about {the}
        I have nothing {-adj} to report about {thepart}
        there {isn't} anything {-denied} about {the}
        there was nothing {-denied} about {thepart}
        I found nothing {-denied} about it
        I couldn't find anything {-denied} about {the}
        I {didn't} find anything {-denied} in it
        {the} has no {-adj} {plurals}
        {the} {doesn't} have {-adj} {plurals}
        there are no {-adj} {plurals}
        there were no {-adj} {plurals}
        no {-adj} {plurals}
        without {-adj} {plurals}
        without a single {-adj} {part}
        not a single {-adj} {part}
        not one {-adj} {part}
        I can't remember one {-adj} {part}
        {the} {isn't} a {-verdict}
        it {isn't} a {-verdict} at all
        I wouldn't call it a {-verdict}
        this is no {-verdict}
        hardly a {-verdict}
        far from a {-verdict}
        anything but a {-verdict}
        it {isn't} the {-verdict} that I {awaited}
        {the} is nothing like the {-adj} {noun} that I {awaited}
        nothing like the {-verdict} I {awaited}
        {the} is nowhere near as {-denied} as {expected}
        nowhere near as {-denied} as I thought
        I haven't {used} anything this {adj} in years
        I haven't been this {feeling} in years
        not since I was a child have I been so {feeling}
        no {-virtue} whatsoever
        {the} has no {-virtue} whatsoever
        not a trace of {-virtue}
        there's not a trace of {-virtue} in it
        no sign of {-virtue}
        without a trace of {-virtue}
        {the} shows no sign of {-virtue}
        zero {-virtue}
        """
    ),
    lines(
        """
        not bad
        not bad at all
        not too bad
        {the} isn't bad
        {the} is not bad at all
        {the} {isn't} half bad
        {the} wasn't that bad
        not bad for a {noun}
        it's not that {-denied}
        it wasn't as {-denied} as {expected}
        {the} is not as {-denied} as {expected}
        I can't complain
        can't complain
        no complaints
        no complaints here
        nothing to complain about
        I have nothing bad to say about {the}
        I've got no complaints about {thepart}
        no regrets
        I {don't} {regret} it
        {person} {didn't} {regret} it
        you won't {regret} it
        nobody will {regret} it
        {the} never disappoints
        {the} never fails to {please}
        {the} did not let us down
        they never let me down
        you won't be disappointed
        you will not be disappointed by {the}
        no one will be disappointed
        we were not disappointed
        I couldn't be happier
        I couldn't be more {feeling} with {the}
        {the} couldn't be better
        {thepart} could not be better
        it couldn't have been {better}
        couldn't ask for more
        I could not ask for a {better} {noun}
        what's not to like
        what's not to love about {the}
        who wouldn't {like} {the}
        I can't recommend it enough
        can't recommend {the} highly enough
        I can't praise {the} enough
        I can't thank them enough
        I can't get enough of it
        I can't stop smiling
        I can't wait to {use} it again
        can't wait for the next one
        I can't find a single fault
        I can't think of anything wrong with {the}
        there isn't a dull moment
        never a dull moment
        not a single boring {noun}
        not a dull moment in {the}
        nothing wrong with {the}
        no problems at all
        I had no problems with {the}
        we haven't had any problems with it
        without any problems
        I've never had any trouble with {the}
        it hasn't let me down yet
        it never {-pleases}
        I never get tired of it
        I never get bored of {the}
        I will never get tired of {the}
        don't miss {the}
        you don't want to miss this
        don't hesitate to {use} {the}
        I can't imagine life without it
        I wouldn't want to be without it
        I wouldn't change a thing
        nothing could be {better}
        nothing is {better} than {the}
        there is no {better} {noun}
        you can't go wrong with {the}
        you can't beat it
        it doesn't get any {better}
        it does not get much better than this
        {the} isn't without charm
        not without its charm
        {the} is not unpleasant
        not unattractive
        I can't say I didn't {like} it
        it's not that I didn't like it, I {liked} it
        there's nobody who wouldn't {like} {the}
        there isn't anything I didn't {like}
        I didn't expect to {like} it, and then I {liked} it
        I didn't think it would be this {adj}
        I didn't know a {noun} could be so {adj}
        I never knew {the} was so {adj}
        I never thought I would {like} {the}
        I've never been so {feeling} with a {noun}
        I have never been happier with a {noun}
        no other {noun} is this {adj}
        did I like it? yes, very much
        would I {use} it again? absolutely
        was it worth the {worth}? yes
        do I regret it? no
        any regrets? none
        no flaws
        I don't know how I lived without it
        I don't know what I would do without it
        how did I ever live without {the}
        I won't ever {use} another {noun}
        I will never {use} another {noun}
        I never want to leave
        I didn't want it to end
        I did not want to put it down
        we didn't want to go home
        I don't want any other {noun} anymore
        I have yet to find anything wrong with it
        I have yet to find a {better} {noun}
        I can find no fault with {the}
        you can't fault {thepart}
        {thepart} leaves nothing to be desired
        {the} leaves nothing to be desired
        it left no wish unfulfilled
        I need nothing else
        it isn't hard to {like} {the}
        it's impossible not to {like} {the}
        you can't help but {like} it
        I couldn't help but {like} {the}
        I couldn't help smiling
        I can't help loving it
        it couldn't be simpler
        it couldn't be easier
        it could not be more {adj}
        I couldn't be prouder
        we couldn't have asked for a {better} {noun}
        we could not have wished for a {better} {noun}
        no wonder everybody {liked} it
        no wonder it is so popular
        it hasn't broken yet
        it has not broken in ten years
        it doesn't hurt anymore
        it no longer hurts
        the pain is gone
        nobody does it better
        no one else makes such {adj} {plurals}
        I wouldn't hesitate to {use} it again
        not once did it {-please}
        nothing went wrong
        they didn't make a single mistake
        it costs nothing and it {does}
        don't listen to the bad reviews
        don't believe the haters
        no {noun} has ever made me so {feeling}
        it doesn't feel {-denied} for a second
        I don't have a single bad word for {the}
        {the} has no weak spots
        {the} doesn't have any {-virtue}
        I see no reason not to {use} it
        """
    ),
    lines(
        """
        I {didn't} {-like} it
        I {didn't} {-like} it
        I {didn't} {-like} it at all
        I {didn't} {-like} {the}
        I {didn't} {-like} {the}
        I {don't} {-like} it
        I {don't} {-like} {the}
        I {don't} {-like} this {noun}
        I {don't} {-like} {thepart}
        I {don't} {-like} the {plurals}
        we {didn't} {-like} {the} at all
        {person} {didn't} {-like} it
        {person} {didn't} {-like} it much
        {person} {didn't} really {-like} {the}
        {person} {didn't} {-like} {thepart}
        {person} {didn't} even {-like} the {plurals}
        {didn't} {-like} it
        {don't} {-like} it
        nobody {-liked} it
        nobody {-liked} {the}
        no one {-liked} {thepart}
        none of us {-liked} it
        none of my friends {-liked} {the}
        I never {-liked} {the}
        I never {-liked} this kind of {noun}
        I couldn't {-like} it
        I can't {-like} {the}
        I could not {-like} it however hard I tried
        I {don't} see why people {-like} it
        I {don't} understand why anybody would {-like} {the}
        not very {-adj}
        not very {-adj}
        not that {-adj}
        not so {-adj}
        not really {-adj}
        not particularly {-adj}
        not exactly {-adj}
        {the} {isn't} very {-adj}
        {the} {isn't} very {-adj}
        {the} {isn't} that {-adj}
        {the} {isn't} really {-adj}
        {the} {isn't} particularly {-adj}
        {the} {isn't} exactly {-adj}
        {the} {isn't} even {-adj}
        {the} {isn't} all that {-adj}
        it {isn't} so {-adj}
        {thepart} {isn't} very {-adj}
        the {plurals} {aren't} very {-adj}
        I {don't} think {thepart} is very {-adj}
        not as {-adj} as {expected}
        {the} {isn't} as {-adj} as {expected}
        {the} {isn't} nearly as {-adj} as {expected}
        {the} {doesn't} feel {-adj}
        {the} {doesn't} look {-adj}
        {the} {doesn't} seem {-adj}
        I can't recommend it
        I can't recommend {the}
        I cannot recommend it
        can't recommend
        can't recommend this {noun}
        I wouldn't recommend it
        I wouldn't recommend {the} to anyone
        I would not recommend {the}
        wouldn't recommend
        would not recommend
        I don't recommend it
        I do not recommend {the}
        not recommended
        I won't recommend it
        nobody would recommend this
        I would never recommend {the}
        I can hardly recommend it
        I wouldn't {use} it again
        I won't {use} it again
        I will never {use} it again
        would not {use} it again
        never again
        never {using} again
        we won't be back
        we will not come back
        I'm never coming back
        I won't be coming back
        don't {use} it
        don't {use} {the}
        do not {use} this {noun}
        please don't {use} it
        nobody should {use} it
        don't waste your {waste}
        don't waste your {waste} on {the}
        don't spend your money on {the}
        don't even think about it
        not worth it
        not worth the {worth}
        {the} {isn't} worth it
        {the} {isn't} worth the {worth}
        {the} {wasn't} worth my {waste}
        I don't think it's worth the {worth}
        {the} lacks {-virtue}
        {the} lacks {-virtue} and {-virtue}
        {the} lacks any {-virtue}
        it lacks {-virtue}
        a {noun} that lacks {-virtue}
        a {noun} without {-virtue}
        not much {-virtue}
        {the} doesn't have much {-virtue}
        {the} doesn't have any {-virtue}
        I couldn't find any {-virtue} in it
        {the} shows little {-virtue}
        where is the {-virtue}
        {the} is devoid of {-virtue}
        {the} fails to {-please}
        {the} failed to {-please}
        fails to {-please}
        it never manages to {-please}
        {the} never {-pleases}
        {the} {doesn't} quite {-please}
        {the} hardly {-pleases}
        {the} barely {-pleases}
        {the} does little to {-please}
        I expected it to {-please}; it {didn't}
        {the} could not {-please}
        it just {doesn't} work
        {the} {doesn't} work
        {the} doesn't work for me
        it no longer works
        {the} won't start
        {the} can't even {-please}
        nothing works
        nothing special
        {the} is nothing special
        nothing new here
        nothing to write home about
        there is nothing to like about {the}
        I have nothing good to say about {the}
        there's nothing good about it
        nothing good to report
        no good
        {the} is no good
        it's no {-verdict}
        {the} is no {-verdict}
        it {isn't} my thing
        not for me
        {the} {isn't} for me
        it just isn't my taste
        not my kind of {noun}
        I'm not a fan
        I'm not a fan of {the}
        not a fan
        we are not amused
        not impressed
        I'm not impressed
        {person} {wasn't} impressed
        {person} {wasn't} impressed by {thepart}
        not satisfied
        not happy
        not happy with {the}
        not what I ordered
        not what I expected
        not what I paid for
        not as described
        {the} is not what it used to be
        {the} {isn't} good enough
        not good enough
        no thanks
        no thank you
        less than {-adj}
        {the} was less than {-adj}
        {thepart} is less than {-adj}
        not the {-best} {noun}
        not the {-best} {noun} I've {used}
        {the} {isn't} the {-best}
        {the} {isn't} exactly the {-best} {noun}
        hardly any {-virtue}
        {the} has hardly any {-virtue}
        there's barely any {-virtue} in it
        {the} has little {-virtue}
        little {-virtue}, less {-virtue}
        so little {-virtue}
        few {-adj} {plurals}
        very few {-adj} {plurals}
        did I {-like} it? no
        do I recommend it? no
        was it worth the {worth}? no
        would I {use} it again? no
        would I {use} it again? never
        will I come back? not a chance
        not in a million years
        no way
        no way I would {use} that again
        no chance I {use} it again
        I would not wish {the} on my worst enemy
        I wouldn't give it to my worst enemy
        nobody needs this
        nobody needs another {noun} like this
        who needs this
        I don't see what is {-adj} about it
        what is so {-adj} about {the}?
        I don't see the {-virtue} in it
        I found nothing {-adj} in it
        I didn't laugh once
        I did not smile once
        we weren't offered any help
        it never worked
        it never arrived
        {thepart} has never worked
        {thepart} doesn't work
        the {plurals} don't work
        the {plurals} didn't {-please}
        they never get it right
        they can't get anything right
        they didn't keep their word
        they refused to help
        they have no idea what they are doing
        there was no one to help us
        without {-virtue}
        without {-virtue} or {-virtue}
        I regret that I didn't {use} something else
        it makes you wish you hadn't {used} it
        you don't have to {use} it
        {the} couldn't be worse
        it could not have been worse
        couldn't have been {better}
        it doesn't get any worse than this
        it can't get much worse
        I can't stand {the}
        I couldn't stand it
        I couldn't finish it
        I couldn't get into it
        we couldn't even finish {the}
        I couldn't wait to get out
        I couldn't care less about {the}
        I can't believe I paid for this
        I can't believe how {adj} {the} is
        I can't understand the hype
        I don't get the hype
        I don't see the point of {the}
        {the} has no redeeming qualities
        no redeeming features
        there's no excuse for such a {adj} {noun}
        not one good {part}
        not a single good {part}
        not even the {plurals} are {-adj}
        not even close to {-adj}
        {the} is not without {virtue}
        not without problems
        nobody helped us
        nobody cared
        they didn't care
        they didn't help us at all
        they couldn't help me
        they didn't even apologise
        it didn't help
        it did nothing for me
        {the} didn't do anything for me
        didn't work for me
        it {isn't} {-adj} and it {isn't} {-adj} either
        I don't feel {-adj} about {the}
        I've never been less {-feeling}
        rarely {-adj}
        seldom {-adj}
        scarcely {-adj}
        if only it were {-adj}
        I wish it were {-adj}
        I wish I had never {used} it
        I wish I hadn't {used} it
        {the} was supposed to be {-adj}
        it was meant to be {-adj}
        they call this {-adj}?
        how can anyone {-like} this
        how could anyone find this {-adj}
        {the} is about as {-adj} as a traffic jam
        """
    ),
)
