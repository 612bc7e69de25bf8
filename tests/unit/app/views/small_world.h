#pragma once

#include "app/session.h"
#include "app/views/view.h"
#include "engine/attention/factors.h"
#include "engine/attention/picture.h"
#include "engine/embed/words.h"
#include "engine/explain/ask.h"
#include "engine/explain/cards.h"
#include "engine/explain/linked.h"
#include "engine/look.h"
#include "engine/snapshot.h"
#include "tests/unit/app/recording_canvas.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace splatscope {

// A snapshot without initialisation: a text of known words and sections, two levels of splats,
// factors from a formula. Every view can be drawn from it.
struct SmallWorld {
    Session session;
    std::shared_ptr<hsa::Snapshot> snapshot = std::make_shared<hsa::Snapshot>();
    hsa::LookResult look;

    [[nodiscard]] ViewContext context(bool exporting = false) const {
        return {session, *snapshot, look, theme(session.desk.theme), 1.0F, exporting, false};
    }

    // What the look lane would answer.
    void answer(const std::vector<hsa::PictureRequest>& pictures) {
        const hsa::Selection& selection = session.document.selection;
        look = hsa::LookResult{};
        look.of = snapshot;
        look.selection = selection;
        look.attention = session.document.attention;
        const hsa::Factors& factors = *snapshot->factors;
        for (const hsa::PictureRequest& wanted : pictures)
            look.pictures.push_back(std::make_shared<const hsa::Picture>(hsa::attention_picture(
                factors, *snapshot->sums, wanted, session.document.attention, {})));
        hsa::Linked lit = hsa::linked(selection, factors, *snapshot->sums, *snapshot->registry,
                                      *snapshot->history, 0);
        if (!selection.tokens.empty()) {
            look.asked =
                std::make_shared<const hsa::Asked>(hsa::ask(factors, selection.tokens, {}, {}));
            hsa::light(lit, hsa::answering_tokens(*look.asked));
        }
        look.linked = std::make_shared<const hsa::Linked>(std::move(lit));
        if (selection.block)
            look.block = std::make_shared<const hsa::CellParts>(
                hsa::block_parts(factors, *snapshot->sums, *selection.block));
        if (!selection.tokens.empty())
            look.token = std::make_shared<const hsa::TokenCard>(
                hsa::token_card(factors, selection.tokens.front().begin));
        if (!selection.splats.empty())
            look.splat = std::make_shared<const hsa::SplatCard>(
                hsa::splat_card(factors, *snapshot->registry, *snapshot->measures,
                                *snapshot->history, 0, selection.splats.front()));
    }

    // Draws until the view waits for nothing more; the last frame is the one returned.
    Drawn settle(View& view, RecordingCanvas& canvas, bool exporting = false) {
        Drawn drawn;
        for (int frame = 0; frame < 40; ++frame) {
            canvas = RecordingCanvas(canvas.bounds());
            drawn = view.draw(canvas, context(exporting), {});
            if (!drawn.waiting) break;
            answer(drawn.pictures);
        }
        return drawn;
    }
};

inline constexpr std::size_t kSmallSplats = 6;

// `paragraphs` of 20 words in three sections: "word0 word1 ...", a heading before each third.
inline std::string small_text(std::size_t paragraphs) {
    std::string text;
    std::size_t word = 0;
    for (std::size_t p = 0; p < paragraphs; ++p) {
        if (p == 0) text += "# First things\n\n";
        if (p == paragraphs / 3) text += "# Second things\n\n";
        if (p == 2 * paragraphs / 3) text += "# Third things\n\n";
        for (std::size_t w = 0; w < 20; ++w) text += fmt::format("word{} ", word++ % 37);
        text += "end.\n\n";
    }
    return text;
}

inline void give_splats(SmallWorld& world) {
    hsa::Snapshot& s = *world.snapshot;
    const std::size_t n = s.dataset->size();
    auto registry = std::make_shared<hsa::SplatRegistry>();
    registry->dimension = 3;
    registry->hierarchy.levels = {{"Token", 0.6}, {"Phrase", 0.4}};
    hsa::Splat splat;
    splat.centre = {0, 0, 0};
    splat.variance = {1.0F, 0.5F, 0.25F};
    splat.kind = hsa::CovarianceKind::diagonal;
    for (std::size_t i = 0; i < kSmallSplats; ++i) {
        splat.level = i < 4 ? 0 : 1;
        (void)registry->add(splat);
    }
    for (std::size_t i = 0; i < 4; ++i) registry->parent[i] = static_cast<hsa::SplatId>(4 + i % 2);

    auto factors = std::make_shared<hsa::Factors>();
    factors->p = hsa::Matrix<float>(n, kSmallSplats);
    factors->k = hsa::Matrix<float>(n, kSmallSplats);
    factors->ids = registry->id;
    factors->level = registry->level;
    for (std::size_t c = 0; c < kSmallSplats; ++c) {
        double mass = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double at = static_cast<double>(i) / static_cast<double>(n);
            const double centre = static_cast<double>(c) / static_cast<double>(kSmallSplats);
            const double k = std::exp(-80.0 * (at - centre) * (at - centre)) + 1e-4;
            factors->k(i, c) = static_cast<float>(k);
            factors->p(i, c) =
                static_cast<float>(k * (1.0 + 0.3 * std::sin(static_cast<double>(i + c))));
            mass += k;
        }
        for (std::size_t i = 0; i < n; ++i)
            factors->k(i, c) = static_cast<float>(static_cast<double>(factors->k(i, c)) / mass);
    }
    for (std::size_t i = 0; i < n; ++i) {
        float sum = 0.0F;
        for (const float p : factors->p.row(i)) sum += p;
        for (float& p : factors->p.row(i)) p /= sum;
    }
    s.registry = registry;
    s.sums = std::make_shared<const hsa::TileSums>(hsa::tile_sums(*factors));
    s.factors = factors;
    s.names = std::make_shared<const std::vector<std::string>>(
        std::vector<std::string>{"red", "green", "blue", "white", "warm things", "cold things"});
    s.parent_share = std::make_shared<const std::vector<float>>(kSmallSplats, 0.5F);

    auto measures = std::make_shared<hsa::Measures>();
    measures->tokens = n;
    measures->splats = kSmallSplats;
    measures->usage.assign(kSmallSplats, 1.0 / static_cast<double>(kSmallSplats));
    measures->information.assign(kSmallSplats, 0.01);
    measures->row_kl = 0.65;
    measures->report_rows = (n + 3) / 4;
    measures->reference_kl = 1.69;
    for (const char* name : {"Token", "Phrase"}) {
        hsa::LevelMeasures level;
        level.name = name;
        level.splats = 3;
        level.usage = 0.5;
        level.row_kl = 0.7;
        measures->levels.push_back(level);
    }
    s.measures = measures;
    auto cycle = std::make_shared<hsa::Cycle>();
    hsa::Event first;
    first.kind = hsa::EventKind::initialise;
    first.text = "6 splats by hand.";
    hsa::Event split;
    split.kind = hsa::EventKind::mitosis;
    split.before = {1};
    split.after = {2, 3};
    split.decided_by = {{"error_share", 0.031, 0.01}};
    split.objective_before = 0.73;
    split.objective_after = 0.72;
    split.tokens = {3, 9};
    split.text = "Splat 1 held 3.1 % of the error and was split.";
    cycle->events = {first, split};
    auto history = std::make_shared<hsa::History>();
    history->cycles = {cycle};
    s.history = history;
    s.complete = true;
}

inline SmallWorld small_world(std::size_t paragraphs = 18) {
    SmallWorld world;
    auto text = std::make_shared<const std::string>(small_text(paragraphs));
    world.snapshot->dataset =
        std::make_shared<const hsa::Dataset>(hsa::split_words("small.txt", text, {}));
    give_splats(world);
    return world;
}

// Rows without words: an array with labels, or without any.
inline SmallWorld small_rows(std::size_t n, bool labelled) {
    SmallWorld world;
    hsa::Dataset dataset;
    dataset.source = "rows.npy";
    dataset.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(n, 3, 1.0F));
    for (std::size_t i = 0; labelled && i < n; ++i)
        dataset.labels.push_back(fmt::format("label{}", i));
    world.snapshot->dataset = std::make_shared<const hsa::Dataset>(std::move(dataset));
    give_splats(world);
    return world;
}

// The pointer over a view, for gestures of several frames.
inline Pointer over(Vec2 at) {
    Pointer pointer;
    pointer.position = at;
    pointer.press_position = at;
    pointer.inside = true;
    return pointer;
}
inline Pointer press(Vec2 at) {
    Pointer pointer = over(at);
    pointer.pressed[0] = true;
    pointer.down[0] = true;
    return pointer;
}
inline Pointer drag(Vec2 from, Vec2 to) {
    Pointer pointer = over(to);
    pointer.press_position = from;
    pointer.down[0] = true;
    pointer.moved = {to.x - from.x, to.y - from.y};
    return pointer;
}
inline Pointer release(Vec2 from, Vec2 to) {
    Pointer pointer = over(to);
    pointer.press_position = from;
    pointer.released[0] = true;
    return pointer;
}
inline Pointer click(Vec2 at) {
    Pointer pointer = release(at, at);
    pointer.clicked = true;
    return pointer;
}
inline Pointer wheel(Vec2 at, float steps) {
    Pointer pointer = over(at);
    pointer.wheel = steps;
    return pointer;
}

[[nodiscard]] inline const Hit* find_hit(const Drawn& drawn, std::string_view id) {
    for (const Hit& hit : drawn.hits)
        if (hit.id == id) return &hit;
    return nullptr;
}

}  // namespace splatscope
