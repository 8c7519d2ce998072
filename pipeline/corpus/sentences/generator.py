"""Generates labelled sentences from templates, to train on beside reviews.

A review repeats its opinion many times, so a network that is trained on reviews alone hardly needs to learn what "not"
does. These sentences state an opinion once: of films, food, products, services and other things.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterator, List, Match, NamedTuple, Sequence, TypeVar

import numpy as np

from pipeline.corpus.sentences import comparison, embedded, idioms, informal, negation, ratings, statements, words
from pipeline.corpus.sentences.book import BOOK
from pipeline.corpus.sentences.event import EVENT
from pipeline.corpus.sentences.film import FILM
from pipeline.corpus.sentences.food import FOOD
from pipeline.corpus.sentences.music import MUSIC
from pipeline.corpus.sentences.place import PLACE
from pipeline.corpus.sentences.product import PRODUCT
from pipeline.corpus.sentences.service import SERVICE
from pipeline.corpus.sentences.software import SOFTWARE
from pipeline.corpus.sentences.tables import Both, Patterns, lines

T = TypeVar("T")
_SLOT = re.compile(r"\{(-?)([^{}]+)\}")
_ARTICLE = re.compile(r"\ba (?=(?:[aeio]|u(?!ni|s[ei]))(?!ne?-|uro))", re.IGNORECASE)  # not: a one-, a euro

# A domain is chosen as often as it is listed.
DOMAINS = (
    *(FILM, FILM, FILM, BOOK, MUSIC, FOOD, FOOD, PLACE, PLACE, SERVICE, SERVICE),
    *(PRODUCT, PRODUCT, PRODUCT, SOFTWARE, EVENT),
)
KINDS = {  # kind of sentence: its fraction, and its patterns
    "plain": (0.12, statements.PLAIN),
    "event": (0.10, statements.TOLD),
    "negation": (0.24, negation.NEGATED),
    "embedded": (0.15, embedded.EMBEDDED),
    "comparison": (0.09, comparison.COMPARING),
    "contrast": (0.08, comparison.CONTRAST),
    "idiom": (0.04, Patterns((), *idioms.IDIOMS)),
    "rating": (0.08, ratings.RATED),
    "informal": (0.10, informal.INFORMAL),
}

_VIEWS = lines(  # a short opinion, part of a longer sentence
    """
    {the} is {adj}
    {the} is {very} {adj}
    {the} was {adj}
    it is {adj}
    it's {adj}
    it was {very} {adj}
    {thepart} is {adj}
    {thepart} is {very} {adj}
    {thepart} was {adj}
    the {plurals} are {adj}
    the {plurals} were {adj}
    I {liked} it
    I {liked} {the}
    I {liked} {thepart}
    {person} {liked} it
    it {does}
    {the} {does}
    {clause}
    {clause}
    I was {feeling}
    it is a {verdict}
    it {isn't} {-denied}
    {thepart} {isn't} {-denied}
    {the} {doesn't} {-please}
    it's full of {virtue}
    it has {adj} {plurals}
    it is {better} than {reference}
    """
)
_NEUTRAL: Dict[str, Sequence[str]] = {  # words without polarity
    "very": words.VERY,
    "much": words.MUCH,
    "absolute": words.ABSOLUTE,
    "done": words.DONE,
    "person": words.PERSON,
    "name": words.NAME,
    "city": words.CITY,
    "when": words.WHEN,
    "reference": words.REFERENCE,
    "expected": words.EXPECTED,
    "expectation": words.EXPECTATION,
    "other": words.OTHER,
    "rather": words.RATHER,
    "waste": words.WASTE,
    "worth": words.WORTH,
    "too": words.TOO,
    "enough": words.ENOUGH,
    "regret": words.REGRET,
    "hitch": words.HITCH,
    "nobody": words.NOBODY,
    "awaited": words.AWAITED,
    "shorthand": informal.SHORTHAND,
    "view": _VIEWS,
    "aside": words.ASIDE,
    "ever": ("ever", "ever", "eva"),
    "its": ("its", "its", "the", "their"),
    "it": ("it", "it", "this", "that", "this one", "this thing", "the {noun}", "this {noun}"),
    "the": (
        *("the {noun}", "the {noun}", "this {noun}", "this {noun}", "it", "this"),
        *(
            "that {noun}",
            "our {noun}",
            "my {noun}",
            "their {noun}",
            "{name}'s {noun}",
            "the new {noun}",
            "the whole {noun}",
        ),
    ),
    "thepart": ("the {part}", "the {part}", "the {part}", "its {part}", "their {part}", "the {part} of this {noun}"),
    "isn't": ("isn't", "isn't", "is not", "is not", "wasn't", "wasn't", "was not", "ain't", "isnt", "wasnt"),
    "aren't": ("aren't", "are not", "weren't", "were not", "arent"),
    "don't": ("don't", "don't", "don't", "do not", "do not", "dont"),
    "doesn't": ("doesn't", "doesn't", "doesn't", "does not", "does not", "doesnt"),
    "didn't": ("didn't", "didn't", "didn't", "did not", "did not", "didnt"),
    "won't": ("won't", "will not", "wouldn't", "would not", "can't", "cannot"),
    "wasn't": ("wasn't", "was not", "wasnt"),
    "weren't": ("weren't", "were not", "are not", "aren't"),
}
_POLAR: Dict[str, Both] = {
    "denied": words.DENIED,
    "better": words.COMPARED,
    "best": words.MOST,
    "liked": words.LIKED,
    "like": words.LIKE,
    "feeling": words.FEELING,
    "verdict": words.VERDICT,
    "does": words.DOES,
    "please": words.PLEASE,
    "virtue": words.VIRTUE,
    "well": words.WELL,
    "afterwards": words.AFTERWARDS,
    "thing": words.THING,
    "slang": informal.SLANG,
    "shout": informal.SHOUT,
    "colloquial": informal.COLLOQUIAL,
    "emoticon": informal.EMOTICON,
    "most": Both(("best", "funniest", "greatest"), ("worst", "dumbest", "lamest")),
}
_LIKE = Both(*(tuple(verb for verb in verbs if " " not in verb) for verbs in words.LIKE))  # without "can't stand"


class Sentence(NamedTuple):
    """A generated sentence."""

    text: str
    label: int  # 1 positive, 0 negative
    kind: str  # one of KINDS


def generate_sentences(count: int, generator: np.random.Generator) -> Iterator[Sentence]:
    """Generate sentences, alternately negative and positive.

    Parameters
    ----------
    count : int
    generator : numpy.random.Generator
        A generator of the same state gives the same sentences.

    Yields
    ------
    Sentence
        Short sentences may be repeated.
    """
    names, fractions = list(KINDS), [fraction for fraction, _ in KINDS.values()]
    writer, chosen = _Writer(generator), generator.choice(len(names), count, p=fractions)
    for number, kind in enumerate(chosen):
        yield writer.write(names[kind], number % 2)


class _Writer:
    """Fills the slots of patterns."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._random = generator
        self._domain = DOMAINS[0]
        self._taken: List[str] = []  # words of this sentence, to avoid repetitions
        self._made: Dict[str, Callable[[int], str]] = {
            "adj": lambda label: self._choose(self._adjectives(label)),
            "clause": self._tell,
            "Clause": lambda label: _capitalize(self._tell(label)),
            "Afterwards": lambda label: _capitalize(self._fill(self._choose(words.AFTERWARDS[1 - label]), label)),
            "noun": lambda _: self._choose(self._domain.nouns),
            "nouns": lambda _: _pluralize(self._choose(self._domain.nouns)),
            "part": lambda _: self._choose(self._domain.parts),
            "plurals": lambda _: self._choose(self._domain.plurals),
            "used": lambda _: self._domain.used,
            "use": lambda _: self._domain.use,
            "past": lambda _: self._domain.past,
            "using": lambda _: self._domain.using,
            "pleases": lambda label: _third_person(self._choose(words.PLEASE[1 - label])),
            "likes": lambda label: _third_person(self._choose(_LIKE[1 - label])),
            "emoji": lambda label: self._choose(informal.EMOJI[1 - label]) * self._choose((1, 1, 1, 1, 2, 3)),
            "rate": self._rate,
        }

    def write(self, kind: str, label: int) -> Sentence:
        """Write one sentence, sometimes with an aside or a second sentence."""
        self._domain = self._choose(DOMAINS)
        self._taken = []
        text = self._opine(kind, label)
        if kind == "informal":
            return Sentence(self._fill(text, label), label, kind)
        text = self._punctuate(self._frame(text), label)
        if self._chance(0.07):
            text = self._join(self._punctuate(self._choose(words.ASIDE), label), text)
        elif self._chance(0.12):
            text = self._join(text, self._punctuate(self._opine("plain", label), label))
        elif self._chance(0.04):
            text += self._choose((" {emoji}", " {emoticon}"))
        return Sentence(_ARTICLE.sub(lambda found: found.group().strip() + "n ", self._fill(text, label)), label, kind)

    def _opine(self, kind: str, label: int) -> str:
        """Choose a pattern of a kind, of either polarity or of this one only."""
        both, *alone = KINDS[kind][1]
        mine = alone[1 - label]
        either = not mine or (bool(both) and self._chance(0.75 if kind == "plain" else 0.5))
        return self._choose(both if either else mine)

    def _frame(self, text: str) -> str:
        """Sometimes put a word before or after the sentence."""
        if self._chance(0.07):
            return f"{self._choose(words.BEFORE)}, {text}"
        if self._chance(0.05):
            return f"{text}, {self._choose(words.BEHIND)}"
        return text

    def _punctuate(self, text: str, label: int) -> str:
        """Capitalise the sentence and add a final mark, sometimes none."""
        ends = (".", ".", ".", ".", ".", ".", "", "", "!", "!", "!!", "...", "!!!")
        filled = self._fill(text, label)
        return _capitalize(filled) + self._choose(ends)

    def _join(self, one: str, other: str) -> str:
        """Join two sentences."""
        return f"{one}{'' if one[-1:] in '.!' else '.'} {other}"

    def _fill(self, pattern: str, label: int) -> str:
        """Fill every slot, recursively."""
        while _SLOT.search(pattern):
            pattern = _SLOT.sub(lambda slot: self._find(slot, label), pattern)
        return pattern

    def _find(self, slot: Match[str], label: int) -> str:
        """Return the text for one slot. Its own slots are filled at once, since they have its polarity."""
        minus, name = slot.groups()
        label = 1 - label if minus else label
        if name in self._made:
            return self._made[name](label)
        choices = _NEUTRAL[name] if name in _NEUTRAL else _POLAR[name][1 - label]
        return self._fill(self._choose(choices), label)

    def _adjectives(self, label: int) -> Sequence[str]:
        """Return the adjectives of the domain, or the general ones."""
        return (self._domain.adjectives if self._chance(0.5) else words.GENERAL)[1 - label]

    def _tell(self, label: int) -> str:
        """Return a clause about what happened."""
        if self._chance(0.4):
            return self._fill(self._choose(self._domain.clauses[1 - label]), label)
        if self._domain in (SERVICE, FOOD, PLACE, EVENT) and self._chance(0.5):
            event = self._choose(SERVICE.events[1 - label])
            who = f"{self._choose(('the', 'the', 'our', 'their'))} {self._choose(words.STAFF)}"
            return self._fill(f"{who} {event}", label)
        subject = self._choose(("{the}", "{thepart}", "{thepart}", "it"))
        return self._fill(f"{subject} {self._choose(self._domain.events[1 - label])}", label)

    def _rate(self, label: int) -> str:
        """Return a rating, such as 8/10: from 0 to 4 or from 7 to 10 of 10, or on another scale."""
        scale = self._choose((10, 10, 10, 10, 5, 5, 5, 5, 100, 0))
        if not scale:
            return self._choose(ratings.GRADES[1 - label])
        low, high = (7, 10) if label else (0, 4)
        if scale == 5:
            low, high = (4, 5) if label else (0, 2)
        number = int(self._random.integers(low, high + 1))
        if scale == 100:
            number = number * 10 + self._choose((0, 0, 0, 5)) * (number < 10)
            return self._choose((f"{number}%", f"{number}/100", f"{number} out of 100", f"{number} points out of 100"))
        star, of = "star" if number == 1 else "stars", self._choose(("out of", "out of", "of"))
        half = self._chance(0.12) and number < high
        value = f"{number}.5" if half else self._choose((str(number), str(number), ratings.NUMBERS[number]))
        forms = [f"{value} {of} {scale}"] * 2 + [f"{value} {of} {ratings.NUMBERS[scale]}"]
        forms += [f"{value} {star} {of} {scale}", f"{value} {of} {scale} stars"]
        if value[0].isdigit():
            forms += [f"{value}/{scale}"] * 4 + [f"{value} / {scale}"]
        if scale == 5:
            forms += [f"{value} {of} {scale}", f"{value} {star}", f"{value} {star}", f"{value}/5 {star}"]
            forms += [f"{value}-star", f"{value} star"]
            if number and not half:
                forms += ["★" * number + "☆" * (5 - number), "★" * number, "⭐" * number, "⭐" * number]
        elif not half:
            forms += [f"{value} points"]
        return self._choose(forms)

    def _chance(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def _choose(self, choices: Sequence[T]) -> T:
        """Choose at random, if possible a word that the sentence does not have yet."""
        for _ in range(3):
            word = choices[int(self._random.integers(len(choices)))]
            if word not in self._taken:
                break
        if isinstance(word, str) and word.isalpha() and len(word) > 3:
            self._taken.append(word)
        return word


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pluralize(noun: str) -> str:
    """Return the plural of a noun; in "pair of shoes" that of the first word.

    >>> [_pluralize(noun) for noun in ("film", "party", "dish", "pair of shoes", "series", "toy")]
    ['films', 'parties', 'dishes', 'pairs of shoes', 'series', 'toys']
    """
    first, of, rest = noun.partition(" of ")
    if first.endswith("series"):
        return noun
    if re.search(r"[^aeiou]y$", first):
        return f"{first[:-1]}ies{of}{rest}"
    return f"{first}{'es' if re.search('(s|x|z|ch|sh)$', first) else 's'}{of}{rest}"


def _third_person(verb: str) -> str:
    """Return the third person of the first word.

    >>> [_third_person(verb) for verb in ("get old", "impress", "satisfy", "do what it should", "annoy")]
    ['gets old', 'impresses', 'satisfies', 'does what it should', 'annoys']
    """
    first, blank, rest = verb.partition(" ")
    if re.search(r"[^aeiou]y$", first):
        first = f"{first[:-1]}ie"
    elif re.search("(s|x|z|ch|sh|o)$", first):
        first += "e"
    return f"{first}s{blank}{rest}"
