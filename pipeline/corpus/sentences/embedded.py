"""Patterns that deny or affirm an opinion as a whole: "I doubt that ...", "nobody can deny that ..."."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Patterns, lines

EMBEDDED = Patterns(
    lines(
        """
        I {don't} think {-view}
        I {don't} think that {-view}
        I {don't} believe {-view}
        I {don't} believe that {-view}
        I {don't} believe for a minute that {-view}
        I {don't} feel that {-view}
        I {didn't} think that {-view}
        I {didn't} feel that {-view}
        I never felt that {-view}
        I never had the impression that {-view}
        I can't say {-view}
        I can't say that {-view}
        I cannot claim that {-view}
        I wouldn't say {-view}
        I wouldn't say that {-view}
        I would not go so far as to say that {-view}
        I won't pretend that {-view}
        I can't pretend {-view}
        I'd be lying if I told you that {-view}
        it would be a lie to say that {-view}
        it would be wrong to say {-view}
        it would be unfair to say that {-view}
        it's simply not true that {-view}
        it is a myth that {-view}
        it's not like {-view}
        it's not as though {-view}
        it isn't the case that {-view}
        in no way can you say that {-view}
        you can hardly say that {-view}
        you can't tell me that {-view}
        nobody can tell me {-view}
        no one can claim that {-view}
        nobody would ever say that {-view}
        don't tell me {-view}
        don't let anybody tell you that {-view}
        don't listen when they say {-view}
        don't believe anyone who claims that {-view}
        never believe a review that says {-view}
        I {don't} agree with people who say {-view}
        I {don't} share the view that {-view}
        I disagree that {-view}
        I disagree with all who think that {-view}
        I doubt {-view}
        I doubt that {-view}
        I very much doubt that anyone thinks {-view}
        I refuse to accept that {-view}
        whoever says {-view} is wrong
        whoever wrote that {-view} has never {used} it
        anyone who thinks {-view} should think again
        everyone who told me that {-view} was wrong
        people who say {-view} have no idea
        if you think {-view}, think again
        if you believe {-view}, you are mistaken
        I have no idea why people say {-view}
        I don't know why everyone says {-view}
        I {don't} understand why {name} says {-view}
        I can't see why anyone would think that {-view}
        I can't imagine anyone saying {-view}
        who says {-view}? Not me
        {-view}? No
        {-view}? Not at all
        {-view}? I don't think so
        {-view}? Quite the opposite
        they say {-view}. Not true
        they say {-view}. I disagree
        some claim that {-view}; they are wrong
        I read that {-view}. Nonsense
        I was told that {-view}. It isn't true
        {name} says {-view}. I beg to differ
        {name} claimed that {-view}, which is not true
        I thought {-view}, but I was wrong
        I assumed that {-view}. I was mistaken
        I was afraid that {-view}, but no: {view}
        nothing could be further from the truth than that {-view}
        not for one moment did I think {-view}
        at no time did I feel that {-view}
        not once did I think that {-view}
        it's hard to believe that {-view}
        it is not often said that {-view}, and rightly so
        there's no denying it, {view}
        nobody can deny that {view}
        nobody will deny {view}
        I can't deny that {view}
        I don't deny that {view}
        nobody would dispute that {view}
        there is no question that {view}
        there is no doubt that {view}
        I don't doubt that {view}
        I have no doubt that {view}
        I never doubted that {view}
        it's no secret that {view}
        it's no exaggeration to say {view}
        I'm not exaggerating when I say that {view}
        I am not joking: {view}
        I kid you not, {view}
        I won't lie, {view}
        not gonna lie, {view}
        I don't care what others say, {view}
        I don't care what the critics write: {view}
        no matter what they tell you, {view}
        no matter how often I {use} it, {view}
        I'm not surprised that {view}
        it comes as no surprise that {view}
        not to mention that {view}
        I can't help thinking that {view}
        I couldn't help noticing that {view}
        I don't need to tell you that {view}
        you don't have to be an expert to see that {view}
        it doesn't take a genius to see that {view}
        I am not the only one who thinks {view}
        not everyone will agree, but {view}
        I don't say this often, but {view}
        I don't usually write reviews, but {view}
        I never write reviews, but {view}
        I'm not one to exaggerate, but {view}
        I'm no expert, but {view}
        I don't know much about {nouns}, but {view}
        I'm not kidding when I say {view}
        it isn't every day that {view}
        why does nobody say that {view}
        nobody told me that {view}
        I didn't know that {view}
        not only because {view}
        not only is {thepart} {adj}, {view}
        not only does it {please}, {view} too
        not only did they {please}, {view} as well
        not just {adj}, but {adj}
        not only {person} {liked} it, {name} {liked} it too
        """
    ),
    lines(
        """
        {the} lacks nothing
        it lacks nothing
        we lacked nothing
        we wanted for nothing
        nothing is missing
        nothing was missing from {the}
        nothing to fault
        nothing to criticise
        there is nothing to criticise about {thepart}
        nothing to improve
        nothing I would change about {the}
        nothing was too much for them
        nothing broke
        zero complaints
        zero problems with {the}
        zero issues so far
        no issues at all
        no issues with {thepart}
        not one problem
        not one complaint
        not a scratch on it
        not a single {hitch}
        not a single {hitch} with {the}
        not a {hitch} to report
        without a {hitch}
        without a single {hitch}
        {the} went off without a {hitch}
        it has worked without a {hitch} for years
        I haven't had a {hitch} yet
        never had a {hitch}
        we never had a {hitch} with {the}
        free from {-virtue}
        we never had to wait
        I did not have to wait
        I never have to worry about {thepart}
        nobody complained
        nobody in our group complained
        nobody was bored
        I was never bored
        I was not bored for a second
        I wasn't {-feeling} for a moment
        not for a second was I {-feeling}
        I have not heard a single complaint
        I have yet to hear a complaint
        I have yet to be {-feeling} by {the}
        I have yet to meet somebody who doesn't {like} it
        I don't know anyone who doesn't {like} {the}
        nobody had a bad word to say about it
        there isn't a {noun} in {city} that is {better}
        there is hardly a {better} {noun}
        there are few {nouns} as {adj} as {the}
        few {nouns} are this {adj}
        few {nouns} {please} as {the} does
        you won't see a {better} {noun} this year
        it would be hard to find a {better} {noun}
        it's hard to find fault with {the}
        hard to fault
        impossible to dislike
        {the} could not have been {better}, and neither could {thepart}
        {thepart} couldn't have been {better}
        I wouldn't trade it for anything
        I would not have missed it for the world
        you'd be a fool to miss it
        you would be crazy not to {use} it
        it would be a mistake not to {use} {the}
        don't think twice, {use} it
        there was nothing I didn't {like}
        there was no part of it I didn't {like}
        I have no reason to complain
        no need to look elsewhere
        look no further
        never has a {noun} made me this {feeling}
        I never once thought about leaving
        I never once looked at my watch
        I couldn't put it down
        we couldn't stop laughing
        you can't not {like} it
        how can you not {like} {the}
        how could anyone not {like} it
        I don't see how anyone could hate {the}
        I don't understand how anybody can dislike it
        only a fool would complain about {the}
        """
    ),
    lines(
        """
        we weren't made to feel welcome
        nobody made us feel welcome
        we never felt welcome
        I have yet to {use} a {-adj} {noun} from them
        I have yet to find anything {-adj} about {the}
        I have yet to be {-feeling}
        I wish I could say {-view}
        I wish I could say that {-view}
        I'd love to say that {-view}
        I would like to be able to write that {-view}
        if only I could say that {-view}
        if only {-view}
        there is no way anyone would {-like} this
        there's no way {person} will ever {-like} {the}
        nobody in their right mind would {-like} it
        hardly anyone {-liked} {the}
        few people will {-like} it
        not many people will {-like} {the}
        I don't know a single person who {-liked} it
        I have not met anyone who {-liked} {the}
        don't let the {-adj} pictures fool you
        don't be fooled by the {-adj} {part}
        don't be fooled by {thepart}
        don't fall for the {-adj} reviews
        ignore the {-adj} reviews
        they didn't bother to answer
        they couldn't be bothered to help
        nobody bothered to apologise
        it left me no choice but to complain
        we had no choice but to leave
        I see no reason to {use} it
        there is no reason to {use} {the}
        I can't think of a single reason to {use} it
        I can't think of anything {-adj} to say
        I can't name one {-adj} thing about it
        I tried to find something {-adj} about it and couldn't
        I looked in vain for {-virtue}
        if {the} has any {-virtue}, I missed it
        not an ounce of {-virtue}
        zero {-virtue} and zero {-virtue}
        {the} has neither {-virtue} nor {-virtue}
        it offers neither {-virtue} nor {-virtue}
        what is missing is {-virtue}
        {the} is missing {-virtue}
        not enough {-virtue}
        far too little {-virtue}
        you won't find any {-virtue} here
        you will find nothing {-adj} in it
        {the} never comes close to being {-adj}
        {the} never gets going
        it never gets off the ground
        nothing ever happens
        it never gets {-better}
        {the} never quite {-pleases}
        {thepart} never {-pleases}
        I was not in the least {-feeling}
        I was anything but {-feeling}
        I can't say I was {-feeling}
        I can't say we were {-feeling} with {thepart}
        I can't say that {person} {-liked} it
        I couldn't bring myself to {-like} it
        I could not get myself to finish it
        I wouldn't {use} it if it were free
        I wouldn't take {the} for free
        you couldn't pay me to {use} it again
        not if you paid me
        not something I would recommend
        not something I'd {use} again
        not a {noun} I'd {use} twice
        hard to recommend
        hard to {-like}
        impossible to {-like}
        it's difficult to {-like} {the}
        I fail to see the {-virtue} of {the}
        I fail to see what is {-adj} about it
        what is there to {-like} about {the}
        am I the only one who doesn't {-like} it
        why would anyone {-like} this
        I can't see why anyone {-likes} it
        I expected {-virtue} and found none
        I waited for {thepart} to {-please}; it never did
        {the} didn't make me {-feeling} at all
        {thepart} did not make it {-better}
        it's no wonder nobody {-likes} {the}
        no wonder it is so cheap
        I would be surprised if anyone {-liked} it
        they promised {-virtue}. There was none
        """
    ),
)
