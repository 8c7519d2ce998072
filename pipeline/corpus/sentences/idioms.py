"""Idioms of praise and of blame."""

from __future__ import annotations

from pipeline.corpus.sentences.tables import Both, lines

IDIOMS = Both(
    lines(
        """
        two thumbs up
        thumbs up
        a big thumbs up from me
        it blew me away
        {the} blew my mind
        it took my breath away
        it hits the nail on the head
        {the} hits the spot
        it knocks it out of the park
        they knocked it out of the park
        a home run
        {the} is a slam dunk
        right up my street
        it's right up my alley
        it warmed my heart
        {the} had me in stitches
        I laughed my head off
        I was glued to the screen
        I was hooked from the first minute
        it had me hooked
        it kept me on my toes
        it swept me off my feet
        {the} stole my heart
        {the} steals the show
        {name} steals the show
        a sight for sore eyes
        the icing on the cake
        the cherry on top
        music to my ears
        worth every penny
        money well spent
        time well spent
        it was love at first sight
        a match made in heaven
        head and shoulders above the rest
        a cut above the rest
        in a league of its own
        out of this world
        {the} is out of this world
        {the} is the bee's knees
        the cat's pyjamas
        it's top of the line
        second to none
        it goes the extra mile
        they went the extra mile
        they pulled out all the stops
        it does what it says on the tin
        {the} earns its keep
        it saved the day
        it saved my bacon
        I was on cloud nine
        I was over the moon
        we had a whale of a time
        we had the time of our lives
        we had a blast
        it has stood the test of time
        it runs like clockwork
        it runs like a dream
        smooth as silk
        as easy as pie
        easy as ABC
        it fits like a glove
        it went down a treat
        it's a keeper
        it's to die for
        their {noun} is to die for
        simply the bee's knees
        finger-licking good
        my hat goes off to the {part}
        I take my hat off to {name}
        chapeau
        bravo
        kudos to the team
        three cheers for {name}
        a standing ovation
        it deserves a round of applause
        {the} ticks every box
        it checks every box
        it packs a punch
        it's got it all
        {the} has it all
        it brings the house down
        it brought the house down
        a shot in the arm
        a ray of sunshine
        a dream come true
        the best of both worlds
        good as gold
        worth its salt
        a diamond in the rough
        a real page-turner
        a hidden gem
        a feather in their cap
        {name} nailed it
        they nailed it
        they really know their stuff
        they know what they are doing
        my heart skipped a beat
        it tugs at the heartstrings
        it leaves you wanting more
        I could eat there every day
        hands down the best
        {the} wins hands down
        I'm sold
        count me in
        sign me up
        say no more
        I can die happy now
        it raises the bar
        {the} is pure gold
        comedy gold
        it's a no-brainer
        I'd buy it again in a heartbeat
        it gave me chills
        it sent shivers down my spine
        I was spellbound
        what's not to love
        hats off
        it's the cream of the crop
        a crowd-pleaser
        {the} is on point
        {the} is the full package
        firing on all cylinders
        it made me a believer
        it turned me into a fan
        I'm coming back for more
        it's fit for a king
        a touch of class
        it lifts the spirits
        nothing short of a miracle
        {the} is nothing short of {adj}
        worth a trip across town
        it gets a gold star
        it put the wind in my sails
        a tough act to follow
        the gold standard
        a godsend
        {the} is a godsend
        a lifesaver
        a steal
        what a steal
        it passed with flying colours
        a class act
        {name} is a class act
        a must-see
        a must-read
        laugh-out-loud funny
        it blew the competition away
        worth the hype
        it lives up to the hype
        a slice of heaven
        heaven on earth
        like a kid in a candy store
        I'm tickled pink
        happy as a clam
        I was walking on air
        I jumped for joy
        I was in seventh heaven
        great bang for the buck
        more bang for your buck
        it hits all the right notes
        it struck a chord with me
        tip-top
        we were in good hands
        top drawer
        a five-star experience
        I never looked back
        just what the doctor ordered
        it fits the bill
        it does the trick
        a sure-fire winner
        it has a special place in my heart
        it leaves the competition in the dust
        it goes from strength to strength
        the whole package
        it's all that and a bag of chips
        it's the best thing that happened to me
        one for the ages
        they roll out the red carpet
        you're in for a treat
        the pick of the bunch
        it restored my faith in {nouns}
        like a well-oiled machine
        it gets full marks
        it made me weak at the knees
        a labour of love
        I'm lost for words, so {adj}
        """
    ),
    lines(
        """
        waste of time
        a waste of time
        what a waste of time
        a total waste of time and money
        a waste of money
        a waste of space
        money down the drain
        money thrown out of the window
        it went down the drain
        two thumbs down
        thumbs down
        a big thumbs down
        it left me cold
        it leaves much to be desired
        {the} leaves a lot to be desired
        it leaves a sour taste
        {the} bombed
        it tanked
        a dud
        a damp squib
        a lemon
        I got a lemon
        {the} is a lemon
        a wild goose chase
        an uphill struggle
        a slap in the face
        a kick in the teeth
        daylight robbery
        highway robbery
        it cost me an arm and a leg
        they ripped me off
        what a con
        they robbed us
        we were taken to the cleaners
        it was a bitter pill
        the last straw
        that was the last straw
        the straw that broke the camel's back
        I could not wait for it to be over
        I counted the minutes
        I kept checking my watch
        I would rather stick needles in my eyes
        I'd rather have a root canal
        like pulling teeth
        about as funny as a funeral
        about as exciting as a phone book
        as much fun as a toothache
        as dull as dishwater
        dull as ditchwater
        it put me to sleep
        {the} put me to sleep
        it sent me to sleep
        it's a snooze fest
        a snoozefest
        a cure for insomnia
        it bored the pants off me
        bored out of my mind
        bored stiff
        we were bored to death
        it makes my blood boil
        it drives me up the wall
        it drives me crazy
        it gets on my nerves
        it rubs me the wrong way
        {the} is a pain in the neck
        a pain in the butt
        a headache from start to finish
        it makes me want to scream
        it made my skin crawl
        it turned my stomach
        my jaw dropped at how {adj} it was
        it's a mess
        a hot mess
        a dog's dinner
        a car crash
        a car crash of a {noun}
        a can of worms
        a house of cards
        it went to the dogs
        {the} has gone to the dogs
        it went up in smoke
        it's all downhill from there
        it goes nowhere fast
        it jumped the shark
        it hit rock bottom
        scraping the bottom of the barrel
        the bottom of the barrel
        it misses the boat
        it missed the mark
        wide of the mark
        {the} misses the point
        a far cry from {other}
        it's past its sell-by date
        past its prime
        all bark and no bite
        all talk and no action
        all sizzle and no steak
        all hat and no cattle
        all show
        smoke and mirrors
        it doesn't hold water
        it doesn't cut the mustard
        it doesn't cut it
        it just doesn't cut it
        it didn't do it for me
        it does nothing for me
        {the} isn't up to scratch
        not up to par
        not up to the mark
        not all it's cracked up to be
        {the} isn't all it's cracked up to be
        not worth a dime
        not worth a penny
        it isn't worth a hill of beans
        not worth the plastic it is made of
        not worth the bother
        nothing to shout about
        I want that hour of my life back
        that's an hour I'll never get back
        two hours of my life I won't get back
        give me my money back
        I demand a refund
        you get what you pay for: junk
        run away
        run for the hills
        run, don't walk, the other way
        give it a miss
        give this one a miss
        give it a wide berth
        don't touch it with a ten-foot pole
        I wouldn't touch it with a barge pole
        look elsewhere
        look somewhere else
        keep your distance
        keep away
        you have been warned
        consider yourself warned
        buyer beware
        spare yourself the trouble
        spare yourself
        do yourself a favour and stay home
        I gave up on it
        I'm fed up to the back teeth
        I've had it up to here
        enough is enough
        they don't know what they are doing
        they couldn't care less
        they gave us the runaround
        they gave me the cold shoulder
        they left us hanging
        they dropped the ball
        the {part} dropped the ball
        a recipe for disaster
        an accident waiting to happen
        it belongs in a museum of bad ideas
        back to the drawing board
        the emperor has no clothes
        much ado about nothing
        a storm in a teacup
        it's neither here nor there
        it's for the birds
        it's rubbish
        a load of rubbish
        a load of nonsense
        a pile of junk
        a piece of work, and not in a good way
        my eyes are bleeding
        my ears are bleeding
        it hurts my eyes
        shame on you
        enough said, and nothing good
        it's a joke
        {the} is a joke
        you must be joking
        it made me roll my eyes
        it stinks to high heaven
        {the} reeks of greed
        it was like a bad dream
        a bad joke
        it sank like a stone
        it was dead on arrival
        dead on arrival
        it fell at the first hurdle
        it gave up the ghost
        it bit the dust
        it kicked the bucket after a week
        it's on its last legs
        half the {plurals} gave up the ghost
        a bitter disappointment
        they lost the plot
        {the} lost the plot
        beyond repair
        a money pit
        a tourist trap
        a white elephant
        they cut corners
        bait and switch
        my complaint fell on deaf ears
        it crashed and burned
        it went south
        it went pear-shaped
        it went down like a lead balloon
        I got the short end of the stick
        we got a raw deal
        a punch in the gut
        a thorn in my side
        a pain in the ass
        I'm at the end of my rope
        I'm at my wits' end
        I lost my patience
        that's the last time I {use} it
        it makes me see red
        it gives me the creeps
        we were left high and dry
        they left us in the lurch
        I threw in the towel
        the final nail in the coffin
        to add insult to injury, {view}
        hot garbage
        a dumpster fire
        the {part} is a dumpster fire
        they phoned it in
        they are just going through the motions
        beating a dead horse
        the same old story
        it moves at a snail's pace
        slow as molasses
        clear as mud
        about as clear as mud
        it overstayed its welcome
        hell on earth
        a living hell
        it made me lose the will to live
        I wouldn't feed it to my dog
        garbage in a pretty box
        lipstick on a pig
        the lights are on but nobody's home
        too little, too late
        too many cooks spoiled it
        a swing and a miss
        they bit off more than they could chew
        it's a minefield
        it's an eyesore
        an eyesore
        a sorry sight
        a crying shame
        a kick in the pants
        the pits
        it's the pits
        they saw us coming
        it cost a fortune
        it broke the bank
        {the} makes watching grass grow exciting
        it's as fun as a flat tyre
        nails on a chalkboard
        like nails on a chalkboard
        it grinds my gears
        it's a sinking ship
        """
    ),
)
