#include "engine/explain/specialisation/specialisation.h"

#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/embed/words.h"
#include "engine/explain/specialisation/answer.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>

namespace {

// A text in two sections, numbers and names among its words.
std::shared_ptr<hsa::Dataset> small_text() {
    std::string text = "# Harbour\n\n";
    const auto sentences = [&](const char* names, int first) {
        for (int s = 0; s < 12; ++s)
            text += "The old " + std::string(s % 2 == 0 ? "boat" : "boat rope") + " of " + names +
                    " weighed " + std::to_string(first + s) + " tons and sailed slowly to port. ";
    };
    sentences("Marta", 100);
    text += "\n\n# Orchard\n\n";
    sentences("Ivan", 300);
    return std::make_shared<hsa::Dataset>(
        hsa::split_words("small.txt", std::make_shared<const std::string>(text), {}));
}

// One splat a list: P and K equal on its tokens.
hsa::Factors keys_on(std::size_t n, const std::vector<std::vector<std::size_t>>& lists) {
    hsa::Factors factors;
    factors.p = hsa::Matrix<float>(n, lists.size(), 1.0F / static_cast<float>(lists.size()));
    factors.k = hsa::Matrix<float>(n, lists.size());
    for (std::size_t c = 0; c < lists.size(); ++c) {
        factors.ids.push_back(static_cast<hsa::SplatId>(c));
        factors.level.push_back(0);
        for (const std::size_t j : lists[c])
            factors.k(j, c) += 1.0F / static_cast<float>(lists[c].size());
    }
    return factors;
}

std::size_t trait_named(const hsa::Traits& traits, const std::string& name) {
    for (std::size_t t = 0; t < traits.all.size(); ++t)
        if (traits.all[t].name == name) return t;
    FAIL("no trait " << name);
    return 0;
}

std::vector<std::size_t> tokens_with(const hsa::Traits& traits, const std::string& name) {
    const auto trait = static_cast<std::uint16_t>(trait_named(traits, name));
    std::vector<std::size_t> tokens;
    for (std::size_t i = 0; i < traits.tokens(); ++i) {
        const auto own = traits.of_token(i);
        if (std::find(own.begin(), own.end(), trait) != own.end()) tokens.push_back(i);
    }
    CHECK(tokens.size() == traits.all[trait].tokens);
    return tokens;
}

const hsa::Specialisation* found(const hsa::SplatSpecialisation& splat, const std::string& name) {
    for (const hsa::Specialisation& one : splat.found)
        if (one.name == name) return &one;
    return nullptr;
}

}  // namespace

TEST_CASE("what tokens are is told by their letters, places and columns",
          "[explain][specialisation]") {
    auto dataset = small_text();
    hsa::MetadataColumn part{"part", {}, {}};
    hsa::MetadataColumn height{"height", {}, {}};
    for (std::size_t i = 0; i < dataset->size(); ++i) {
        part.words.emplace_back(i % 3 == 0 ? "noun" : "verb");
        height.numbers.push_back(static_cast<double>(i));
    }
    dataset->properties = {part, height};
    const hsa::Traits traits = hsa::token_traits(*dataset);
    const auto words = [&](const std::string& trait) {
        std::vector<std::string> texts;
        for (const std::size_t i : tokens_with(traits, trait))
            texts.push_back(dataset->token_text(i));
        return texts;
    };
    const auto all_are = [](const std::vector<std::string>& texts, std::size_t count,
                            const auto& wanted) {
        CHECK(texts.size() == count);
        CHECK(std::all_of(texts.begin(), texts.end(), wanted));
    };
    all_are(words("numbers"), 24, [](const std::string& w) { return w[0] >= '0' && w[0] <= '9'; });
    all_are(words("punctuation"), 26, [](const std::string& w) { return w == "." || w == "#"; });
    all_are(words("names and entities"), 24,
            [](const std::string& w) { return w == "Marta" || w == "Ivan"; });
    all_are(words("start of a section"), 4,
            [](const std::string& w) { return w == "#" || w == "Harbour" || w == "Orchard"; });
    CHECK(words("words that occur once") == std::vector<std::string>{"Harbour", "Orchard"});
    const auto second = tokens_with(traits, "topic: Orchard");
    CHECK(second.front() == dataset->structure.sections[1].tokens.begin);
    CHECK(second.back() == dataset->size() - 1);
    CHECK(tokens_with(traits, "part: noun").size() == (dataset->size() + 2) / 3);
    CHECK(tokens_with(traits, "high height").back() == dataset->size() - 1);
    CHECK(tokens_with(traits, "low height").front() == 0);
    for (const hsa::Trait& trait : traits.all) {
        CHECK(trait.tokens > 0);
        CHECK(trait.tokens < dataset->size());
    }
}

TEST_CASE("a splat does what it has more of than the text", "[explain][specialisation]") {
    const auto dataset = small_text();
    const std::size_t n = dataset->size();
    const hsa::Traits traits = hsa::token_traits(*dataset);
    const std::vector<std::size_t> numbers = tokens_with(traits, "numbers");
    std::vector<std::size_t> orchard = tokens_with(traits, "topic: Orchard");
    std::vector<std::size_t> everything(n);
    for (std::size_t i = 0; i < n; ++i) everything[i] = i;
    std::vector<std::size_t> boats;
    for (std::size_t i = 0; i < n; ++i)
        if (dataset->token_text(i) == "boat") boats.push_back(i);
    auto factors = keys_on(n, {numbers, orchard, everything, boats, {numbers[0]}});
    for (std::size_t i = 0; i < n; ++i)  // boats are asked by boats
        factors.p(i, 3) = dataset->token_text(i) == "boat" ? 1.0F : 0.0F;
    const hsa::Specialisations all = hsa::specialisations(*dataset, traits, factors, {});
    REQUIRE(all.splats.size() == 5);

    const hsa::Specialisation* number = found(all.splats[0], "numbers");
    REQUIRE(number != nullptr);
    CHECK(all.splats[0].found.front().name == "numbers");
    CHECK(number->share == Approx(1.0));
    const double in_text = static_cast<double>(numbers.size()) / static_cast<double>(n);
    CHECK(number->share_in_text == Approx(in_text));
    CHECK(number->lift == Approx(1.0 / in_text));
    CHECK(number->confidence > 0.999);
    REQUIRE(number->tokens.size() == 8);
    CHECK(number->tokens[0] == numbers[0]);
    CHECK(all.splats[0].effective_tokens == Approx(static_cast<double>(numbers.size())));

    REQUIRE(!all.splats[1].found.empty());
    CHECK(all.splats[1].found.front().name == "topic: Orchard");
    CHECK(found(all.splats[0], "topic: Orchard") == nullptr);
    CHECK(all.splats[2].found.empty());  // the text itself
    CHECK(found(all.splats[3], "the word \u201cboat\u201d") != nullptr);
    CHECK(found(all.splats[3], "the same word") != nullptr);
    CHECK(found(all.splats[4], "numbers") == nullptr);  // one token shows nothing
}

TEST_CASE("the confidence is a bound of what chance gives", "[explain][specialisation]") {
    // exp(-e KL(1 | 1/10)) = 10^-e.
    CHECK(hsa::enrichment_confidence(1.0, 0.1, 3.0, 1) == Approx(0.999));
    CHECK(hsa::enrichment_confidence(1.0, 0.1, 3.0, 100) == Approx(0.9));
    CHECK(hsa::enrichment_confidence(1.0, 0.1, 1.0, 100) == 0.0);
    CHECK(hsa::enrichment_confidence(0.1, 0.1, 1e9, 1) == 0.0);
    CHECK(hsa::enrichment_confidence(0.05, 0.1, 1e9, 1) == 0.0);
    // Weights dealt at random: seldom more confident than it says.
    hsa::Random random({5});
    constexpr int kTimes = 400;
    int wrong = 0;
    for (int time = 0; time < kTimes; ++time) {
        double share = 0.0;
        for (int token = 0; token < 20; ++token)
            if (random.uniform() < 0.2) share += 0.05;
        if (hsa::enrichment_confidence(share, 0.2, 20.0, 1) > 0.9) ++wrong;
    }
    CHECK(wrong <= kTimes / 10);
}

TEST_CASE("relations are those of the pairs that a splat joins", "[explain][specialisation]") {
    auto dataset = small_text();
    const std::size_t n = dataset->size();
    // Asked from even tokens of a stretch for the odd ones before them.
    hsa::Factors factors = keys_on(n, {{}, {}});
    for (std::size_t i = 0; i < n; ++i) factors.p(i, 0) = factors.p(i, 1) = 0.0F;
    factors.p(41, 0) = 1.0F;
    factors.k(40, 0) = 1.0F;
    // A subject and its verb.
    hsa::MetadataColumn relation{"deprel", std::vector<std::string>(n, "x"), {}};
    hsa::MetadataColumn head{"head", {}, std::vector<double>(n, -1.0)};
    for (std::size_t i = 10; i + 30 < n; i += 10) {
        relation.words[i] = "nsubj";
        head.numbers[i] = static_cast<double>(i + 5);
        factors.p(i, 1) = 1.0F;
        factors.k(i + 5, 1) = 1.0F / 20.0F;
    }
    dataset->properties = {relation, head};
    const hsa::Traits traits = hsa::token_traits(*dataset);
    const auto all = hsa::specialisations(*dataset, traits, factors, {});
    const hsa::Specialisation* subject = found(all.splats[1], "subject and verb");
    REQUIRE(subject != nullptr);
    CHECK(subject->tokens.front() % 10 == 5);
    // Pair shares by brute force.
    double share = 0.0, usage = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        usage += static_cast<double>(factors.p(i, 1));
        for (std::size_t j = 0; j < n; ++j)
            if ((relation.words[i] == "nsubj" && j == i + 5) ||
                (relation.words[j] == "nsubj" && i == j + 5))
                share +=
                    static_cast<double>(factors.p(i, 1)) * static_cast<double>(factors.k(j, 1));
    }
    CHECK(subject->share == Approx(share / usage));
    CHECK(found(all.splats[0], "the previous word") == nullptr);  // one pair shows nothing
}

TEST_CASE("what splats do does not depend on threads or on which are asked",
          "[explain][specialisation]") {
    const auto dataset = small_text();
    explain_test::Shape shape;
    shape.tokens = dataset->size();
    shape.fine = 40;
    const explain_test::World world = explain_test::make_world(shape);
    const hsa::Traits traits = hsa::token_traits(*dataset);
    const auto all = hsa::specialisations(*dataset, traits, world.factors, {});
    const hsa::ThreadLimit one(1);
    const std::size_t column = 33;
    const auto alone =
        hsa::specialisations(*dataset, traits, world.factors, std::span(&column, 1), {});
    REQUIRE(alone.splats.size() == 1);
    CHECK(alone.splats[0].effective_tokens == all.splats[33].effective_tokens);
    REQUIRE(alone.splats[0].found.size() == all.splats[33].found.size());
    for (std::size_t f = 0; f < alone.splats[0].found.size(); ++f) {
        CHECK(alone.splats[0].found[f].share == all.splats[33].found[f].share);
        CHECK(alone.splats[0].found[f].tokens == all.splats[33].found[f].tokens);
    }
    // Of other data nothing is found.
    const auto other = explain_test::text_of({"a", "b"});
    CHECK(hsa::specialisations(*other, hsa::token_traits(*other), world.factors, {})
              .splats[0]
              .found.empty());
}

TEST_CASE("explain.specialisation tells of every splat", "[explain][specialisation]") {
    const explain_test::World world = explain_test::make_world({});
    const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    const nlohmann::json all = hsa::answer_specialisation(snapshot, std::nullopt, {});
    CHECK(all["command"] == "explain.specialisation");
    CHECK(all["splats"].size() == world.factors.columns());
    CHECK(all["splats"].back()["splat"] == "background");
    const nlohmann::json one = hsa::answer_specialisation(snapshot, 2, {});
    CHECK(one["splats"].size() == 1);
    CHECK(one["splats"][0] == all["splats"][2]);
    CHECK_THROWS_AS(hsa::answer_specialisation(snapshot, 99, {}), hsa::Error);
}
