"""Patterns of ratings."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, Patterns, lines, split

GRADES = Both(
    split(
        "A, A+, A plus, straight A, B+, A-, top marks, high marks, full score, perfect score, perfect 10, gold medal"
    ),
    split("F, F minus, D, D-, E, D minus, fail, failing grade, low marks, bottom marks, zero points, an F from me"),
)
NUMBERS = split("zero, one, two, three, four, five, six, seven, eight, nine, ten")
RATED = Patterns(  # {rate} is "8/10", "4 out of 5 stars", ...
    lines(
        """
        {rate}
        {rate}
        {rate}
        {rate}
        {rate} from me
        {rate} for {the}
        {rate} for {thepart}
        I give it {rate}
        I'd give it {rate}
        I give {the} {rate}
        I'd give {the} {rate}
        we gave it {rate}
        I would rate it {rate}
        I rate {the} {rate}
        I'd say {rate}
        my rating: {rate}
        my rating is {rate}
        rating: {rate}
        score: {rate}
        my score: {rate}
        overall: {rate}
        verdict: {rate}
        final score {rate}
        {the} gets {rate}
        {the} gets {rate} from us
        {the} deserves {rate}
        it earns {rate} from me
        {person} gave it {rate}
        {name} gave {the} {rate}
        {rate} because {view}
        {view}, {rate}
        {view}. {rate}
        {rate}. {view}
        {rate}: {view}
        {rate}, {adj} {noun}
        {adj} {noun}, {rate}
        {rate} {adj}
        {rate}, {adj}
        {rate} {emoticon}
        {rate} {emoji}
        {rate} lol
        """
    ),
    lines(
        """
        a solid {rate}
        a strong {rate}
        easily {rate}
        {rate}, would {use} it again
        {rate}, would recommend
        {rate}, no complaints
        {rate}, nothing to complain about
        I wish I could give it more than {rate}
        I wish I could give more stars
        if there were more stars I would give them
        can I give it more than {rate}
        all the stars
        more stars please
        {rate}, worth every penny
        would give it more if I could, {rate}
        """
    ),
    lines(
        """
        a weak {rate}
        a poor {rate}
        only {rate}
        just {rate}
        at most {rate}
        barely {rate}
        no more than {rate}
        not even {rate}
        {rate}, would not {use} it again
        {rate}, would not recommend
        {rate}, never again
        {rate} and even that is too much
        {rate} is too much
        {rate} is still too kind
        {rate} for effort
        {rate} because zero is not possible
        {rate} only because I have to give something
        I'd give no stars if that was possible
        no stars at all
        minus five stars
        negative stars if I could
        not a single star
        it does not deserve a single star
        not even one star
        zero stars
        does not even deserve {rate}
        I can't give it more than {rate}
        I wish I could give less than {rate}
        """
    ),
)
