"""Patterns of plain statements, and of what happened."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Patterns, lines

PLAIN = Patterns(
    lines(
        """
        {adj}
        {very} {adj}
        {adj} {noun}
        a {adj} {noun}
        a {very} {adj} {noun}
        a {adj} and {adj} {noun}
        a {adj}, {adj} {noun}
        {adj}, {adj}, {adj}
        {adj} {part}
        {adj} {plurals} and a {adj} {part}
        {adj} and {adj}
        what a {adj} {noun}
        such a {adj} {noun}
        it is {adj}
        it's {very} {adj}
        it was {adj}
        it was {very} {adj}
        {the} is {adj}
        {the} is {adj}
        {the} is {very} {adj}
        {the} was {adj}
        {the} was {very} {adj}
        {the} was {adj} and {adj}
        {the} was {adj}, {adj} and {adj}
        {the} is {absolute} {adj}
        {the} is a {verdict}
        {the} is a {absolute} {adj} {noun}
        {the} turned out to be {adj}
        {the} {does}
        {it} {does}
        {the} has {adj} {plurals}
        {the} has a {adj} {part}
        {the} is full of {virtue}
        {the} is full of {virtue} and {virtue}
        {the} is {well} {done}
        {well} {done}
        {the} we {past} {when} was {adj}
        {the} in {city} is {adj}
        {name} thought {the} was {adj}
        {person} thought it was {adj}
        {person} found it {adj}
        {person} found {the} {adj}
        {person} found {the} {very} {adj}
        {person} {liked} it
        {person} {liked} it
        {person} {liked} {the}
        {person} {liked} {the}
        {person} {liked} this one
        {person} {liked} {thepart}
        {person} {liked} the {plurals}
        {liked} it
        {liked} {the}
        {liked} every minute
        I {like} it
        I {like} it so much
        I {like} this {noun}
        I {like} this kind of {noun}
        I {like} how {adj} it is
        we {like} {the}
        people will {like} it
        you will {like} {the}
        {thepart} is {adj}
        {thepart} is {adj}
        {thepart} was {very} {adj}
        {thepart} is {adj} and the {plurals} are {adj}
        the {plurals} are {adj}
        the {plurals} were {very} {adj}
        {thepart} {does}
        {person} was {feeling}
        I am {feeling}
        I am {feeling} with it
        I'm {feeling} with {the}
        we were {feeling} with {thepart}
        {the} left me {feeling}
        {the} made me {feeling}
        {person} was {feeling} with {the}
        {clause}
        {clause} and {thepart} is {adj}
        {the} is {adj}, {clause}
        {the} is {adj} because {thepart} is {adj}
        everything about {the} is {adj}
        everything was {adj}
        they are {adj}
        they were {very} {adj}
        he was {adj}
        she is {very} {adj}
        everyone there was {adj}
        {name} is {adj}
        {name} was a {adj} {noun}
        I think {the} is {adj}
        I think it is {adj}
        I must say {the} is {very} {adj}
        I have to say that {the} is {adj}
        {the} is {adj} from start to finish
        it's a {adj} {noun} with {adj} {plurals}
        a {noun} with {adj} {plurals}
        a {noun} full of {virtue}
        this is a {adj} {noun}
        this is {absolute} {adj}
        that was {adj}
        that {noun} {does}
        how {adj}
        {very} {adj} {part}
        {very} {feeling}
        {absolute} {adj}
        {the} looks {adj}
        {thepart} makes it {adj}
        {thepart} makes {the} {adj}
        my {noun} is {adj}
        a {verdict}
        what a {verdict}
        {the} was a {verdict}
        this {noun} is a real {verdict}
        {the} offers {virtue} and {virtue}
        there is so much {virtue} in it
        """
    ),
    lines(
        """
        highly recommended
        I highly recommend {the}
        would recommend it to everyone
        I recommend {the} to all my friends
        I would {use} it again
        I will definitely {use} it again
        we will come back
        I would do it again
        {the} is worth the {worth}
        well worth the {worth}
        it is worth every penny
        it's a must
        thank you so much for the {adj} {noun}
        thanks for a {adj} {noun}
        keep up the good work
        congratulations to the whole team
        {the} cheered me up
        I smiled all day
        it made my day
        I want another one
        give them a raise
        you have to {use} this
        you should {use} this
        please make more of these
        recommended
        I could {use} it every day
        more of this please
        all my friends want one now
        so glad I found {the}
        I fell in love with it
        my favourite {noun}
        one of my favourites
        my new favorite
        {the} restored my faith
        I'm a fan
        """
    ),
    lines(
        """
        stay away from {the}
        avoid
        avoid {the}
        avoid {the} at all costs
        I want a refund
        I want my money back
        I had to send it back
        I regret buying it
        I regret every minute
        {the} is a waste
        what a waste
        {the} has too many {virtue}
        {the} needs {-virtue}
        shame on them
        it was a mistake to {use} it
        skip it
        skip {the}
        {the} belongs in the bin
        it belongs in the trash
        {the} should be banned
        I threw it away
        I'm done with this {noun}
        I am sick of it
        they should be ashamed
        how could they sell this
        why would anybody {use} this
        who would {use} this
        whoever made {the} should find another job
        what were they thinking
        {the} gave me a headache
        {the} ruined our evening
        {the} ruined my weekend
        {the} was a waste of {waste}
        the {plurals} are a disgrace
        it went from bad to worse
        there are too many {virtue}
        nothing but {virtue}
        """
    ),
)
TOLD = Patterns(  # what happened, without a word of opinion
    lines(
        """
        {clause}
        {clause}
        {clause}
        {clause}
        {clause}
        {clause}
        {clause}
        {clause} and {clause}
        {clause}, {clause}
        {clause}. {Clause}
        {clause}, so {afterwards}
        {clause} and {afterwards}
        {clause}. {Afterwards}
        {afterwards}
        {afterwards}
        {aside} and {clause}
        {aside}, {clause}
        {clause} and {clause}, so {afterwards}
        {clause} {when}
        {when} {clause}
        {name} said that {clause}
        {clause}, {clause} and {clause}
        {clause}, as {name} had told me
        """
    ),
    (),
    (),
)
