// SPDX-License-Identifier: MIT
// The words and phrases of graded text (docs/graded-text.md). Their order is part of the text that
// a seed gives: a change here changes every corpus and the stored hash of the tests. Constants; any
// thread.
#pragma once

#include <array>
#include <string_view>

namespace depthscope::data {

/// Told apart by their first words.
inline constexpr std::array<std::string_view, 40> kPhrases{
    "Slow water still finds the lowest stone.",
    "Every lantern begs the night to stay a little longer.",
    "Nobody thanks the nail until the picture falls.",
    "Bread remembers the hands that kneaded it.",
    "Counting the stairs does not bring you to the roof.",
    "Borrowed boots know only half of the road.",
    "When the mill is silent, listen to the river.",
    "Old maps are honest about mountains and silent about bridges.",
    "Rain on a full barrel is only noise.",
    "Two clocks in one house agree twice by accident.",
    "Whoever paints the door chooses the color of every visit.",
    "Small keys guard large rooms.",
    "Patience is a garden with a slow gate.",
    "Never argue with a closed umbrella.",
    "Winter writes and spring corrects the spelling.",
    "Half a ladder reaches half of nothing.",
    "Birds do not ask the branch for its age.",
    "Salt is quiet until it is missing.",
    "Wise foxes leave one footprint too many.",
    "Good soup forgives a crooked spoon.",
    "Silver spoons stir no better than wooden ones.",
    "Morning is the evening of a longer night.",
    "Dust settles first on the promise, then on the shelf.",
    "Empty boats ride high and carry no news.",
    "Ask the carpenter about the chair and the guest about the evening.",
    "One candle teaches another without growing darker.",
    "Strong rope is made of patient thread.",
    "Under the snow the field is reading.",
    "Kites rise because the string refuses.",
    "Hungry wolves praise every fence with a hole.",
    "Late guests always meet the best cake.",
    "Mirrors are polite, windows are kind.",
    "Tall trees keep the wind in fashion.",
    "Only the anvil knows how the hammer feels.",
    "Yellow leaves pay the rent of summer.",
    "Put the well before the bucket and the bucket before the thirst.",
    "Gold is heavy twice, once in the purse and once in the sleep.",
    "Laughter crosses the bridge before the toll is counted.",
    "From a crooked furrow comes a straight loaf.",
    "In the end the harbor forgives the storm.",
};

inline constexpr std::array<std::string_view, 64> kWords{
    "wolf",  "lamp",  "tree", "stone", "river", "apple", "cloud", "drum",  "eagle", "flame",
    "grape", "honey", "iron", "jade",  "knot",  "lemon", "mint",  "night", "ocean", "pearl",
    "quilt", "rope",  "salt", "tiger", "urn",   "vine",  "wheel", "yarn",  "zebra", "amber",
    "brick", "coral", "dust", "ember", "fern",  "glass", "hill",  "ivory", "jar",   "kite",
    "leaf",  "moss",  "nest", "oak",   "plum",  "reed",  "sand",  "thorn", "umber", "veil",
    "wax",   "yew",   "ash",  "bell",  "crow",  "dove",  "elm",   "frost", "gate",  "horn",
    "ink",   "jewel", "king", "lily",
};

/// Plural with -s.
inline constexpr std::array<std::string_view, 32> kNouns{
    "key",    "door",   "farmer", "teacher", "dog",    "letter", "bridge", "sailor",
    "garden", "window", "king",   "boat",    "doctor", "lamp",   "road",   "singer",
    "book",   "tower",  "friend", "painter", "horse",  "table",  "river",  "guard",
    "ring",   "house",  "pilot",  "baker",   "bird",   "map",    "clock",  "gardener",
};

inline constexpr std::array<std::string_view, 12> kAdjectives{
    "old",   "young", "tall",   "quiet", "red",  "small",
    "proud", "tired", "clever", "green", "cold", "kind",
};

inline constexpr std::array<std::string_view, 8> kPlaces{
    "near", "behind", "above", "beside", "under", "beyond", "with", "without",
};

inline constexpr std::array<std::string_view, 10> kDeeds{
    "lost", "found", "saw", "loved", "feared", "forgot", "wanted", "followed", "drew", "heard",
};

inline constexpr std::array<std::string_view, 10> kStates{
    "here", "there", "gone", "safe", "late", "ready", "alone", "outside", "hidden", "missing",
};

} // namespace depthscope::data
