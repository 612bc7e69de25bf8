#include "engine/explain/function_words.h"

#include <algorithm>
#include <array>

namespace hsa {
namespace {

constexpr std::array<std::string_view, 336> kFunctionWords = {
    "a",         "about",      "above",      "across",    "after",      "again",     "against",
    "ain",       "all",        "almost",     "along",     "alongside",  "already",   "also",
    "although",  "always",     "am",         "amid",      "among",      "amongst",   "an",
    "and",       "another",    "any",        "anybody",   "anyone",     "anything",  "apart",
    "are",       "aren",       "aren't",     "around",    "as",         "at",        "away",
    "back",      "be",         "because",    "been",      "before",     "behind",    "being",
    "below",     "beneath",    "beside",     "besides",   "between",    "beyond",    "both",
    "but",       "by",         "came",       "can",       "can't",      "cannot",    "come",
    "comes",     "coming",     "concerning", "could",     "couldn",     "couldn't",  "d",
    "despite",   "did",        "didn",       "didn't",    "do",         "does",      "doesn",
    "doesn't",   "doing",      "don",        "don't",     "done",       "down",      "during",
    "each",      "either",     "else",       "enough",    "even",       "ever",      "every",
    "everybody", "everyone",   "everything", "except",    "few",        "first",     "for",
    "from",      "further",    "get",        "gets",      "getting",    "go",        "goes",
    "going",     "gone",       "got",        "gotten",    "had",        "hadn",      "hadn't",
    "has",       "hasn",       "hasn't",     "have",      "haven",      "haven't",   "having",
    "he",        "he'd",       "he'll",      "he's",      "hence",      "her",       "here",
    "here's",    "hers",       "herself",    "him",       "himself",    "his",       "how",
    "how's",     "however",    "i",          "i'd",       "i'll",       "i'm",       "i've",
    "if",        "in",         "inside",     "instead",   "into",       "is",        "isn",
    "isn't",     "it",         "it'll",      "it's",      "its",        "itself",    "just",
    "last",      "least",      "less",       "lest",      "let",        "let's",     "lets",
    "like",      "ll",         "m",          "made",      "make",       "makes",     "making",
    "many",      "may",        "maybe",      "me",        "meanwhile",  "might",     "mightn",
    "mine",      "more",       "moreover",   "most",      "much",       "must",      "mustn",
    "mustn't",   "my",         "myself",     "near",      "needn",      "neither",   "never",
    "next",      "no",         "nobody",     "none",      "nor",        "not",       "nothing",
    "now",       "of",         "off",        "often",     "on",         "once",      "one",
    "ones",      "oneself",    "only",       "onto",      "or",         "other",     "others",
    "otherwise", "ought",      "our",        "ours",      "ourselves",  "out",       "outside",
    "over",      "own",        "past",       "per",       "perhaps",    "put",       "quite",
    "rather",    "re",         "s",          "said",      "same",       "say",       "says",
    "several",   "shall",      "shan",       "shan't",    "she",        "she'd",     "she'll",
    "she's",     "should",     "shouldn",    "shouldn't", "since",      "so",        "some",
    "somebody",  "someone",    "something",  "sometimes", "soon",       "still",     "such",
    "t",         "than",       "that",       "that's",    "the",        "their",     "theirs",
    "them",      "themselves", "then",       "there",     "there's",    "therefore", "these",
    "they",      "they'd",     "they'll",    "they're",   "they've",    "this",      "those",
    "though",    "through",    "throughout", "thus",      "till",       "to",        "together",
    "too",       "toward",     "towards",    "under",     "underneath", "unless",    "until",
    "unto",      "up",         "upon",       "us",        "ve",         "very",      "via",
    "was",       "wasn",       "wasn't",     "we",        "we'd",       "we'll",     "we're",
    "we've",     "well",       "went",       "were",      "weren",      "weren't",   "what",
    "what's",    "whatever",   "when",       "where",     "where's",    "whereas",   "whether",
    "which",     "whichever",  "while",      "who",       "who's",      "whoever",   "whom",
    "whose",     "why",        "will",       "with",      "within",     "without",   "won",
    "won't",     "would",      "wouldn",     "wouldn't",  "yet",        "you",       "you'd",
    "you'll",    "you're",     "you've",     "your",      "yours",      "yourself",  "yourselves"};

static_assert(std::is_sorted(kFunctionWords.begin(), kFunctionWords.end()), "for a binary search");

}  // namespace

bool is_function_word(std::string_view word) {
    return std::binary_search(kFunctionWords.begin(), kFunctionWords.end(), word);
}

}  // namespace hsa
