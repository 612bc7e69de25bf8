#include "engine/adapt/signals.h"

#include "tests/catch.h"

#include <array>

using hsa::SplatId;

TEST_CASE("signals blend the text of now with those before, by id", "[adapt][signals]") {
    hsa::AdaptState state;
    const std::array<SplatId, 2> ids = {4, 9};
    hsa::note_signals(ids, std::array{0.2, 0.4}, std::array{0.01, 0.02}, 0.5, state);
    hsa::note_signals(ids, std::array{0.3, 0.0}, std::array{0.03, 0.0}, 0.5, state);
    {
        // Before its first text ends a splat has no past.
        const hsa::Signals signals(state.signals, 0.5);
        CHECK(signals.usage(4, 0.125) == 0.125);
    }
    hsa::end_of_text(state);
    CHECK(state.signals[4].texts.size() == 1);  // the last cycle of a text speaks for it
    hsa::note_signals(ids, std::array{0.1, 0.0}, {}, 0.5, state);
    hsa::end_of_text(state);
    const hsa::Signals signals(state.signals, 0.5);
    // Before: (0.1 + 0.5 x 0.3) / 1.5.
    CHECK(signals.usage(4, 0.0) == Approx(0.5 * 0.25 / 1.5));
    CHECK(signals.error_share(4, 0.02) == Approx(0.01 + 0.5 * (0.5 * 0.03) / 1.5));
    CHECK(signals.usage(7, 0.25) == 0.25);
    CHECK(hsa::Signals(state.signals, 0.0).usage(4, 0.0) == 0.0);
    CHECK(signals.dormant(4, 0.0, 0.2));
    CHECK_FALSE(signals.dormant(4, 0.06, 0.2));  // used now
    CHECK_FALSE(signals.dormant(9, 0.0, 0.2));   // never used
}

TEST_CASE("ten texts are remembered", "[adapt][signals]") {
    hsa::AdaptState state;
    const std::array<SplatId, 1> ids = {0};
    for (int text = 0; text < 14; ++text) {
        hsa::note_signals(ids, std::array{static_cast<double>(text)}, {}, 0.5, state);
        hsa::end_of_text(state);
        hsa::end_of_text(state);  // nothing new: nothing is pushed
    }
    REQUIRE(state.signals[0].texts.size() == 10);
    CHECK(state.signals[0].texts.front().usage == 4.0F);
    CHECK(state.signals[0].texts.back().usage == 13.0F);
    hsa::AdaptState without;
    hsa::note_signals(ids, std::array{1.0}, {}, 0.0, without);
    CHECK(without.signals.empty());
}
