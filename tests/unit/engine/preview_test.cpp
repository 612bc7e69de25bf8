// What is shown while a hand moves a splat, beside what the end of the gesture makes of it.
#include "engine/preview.h"

#include "engine/adapt/changed_splat.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/look.h"
#include "tests/catch.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace hsa;

namespace {

std::string topics(const std::string&) {
    std::string text;
    for (std::uint64_t line = 0; line < 160; ++line) {
        for (std::uint64_t word = 0; word < 9; ++word)
            text += fmt::format("{}{} ", line / 20 % 2 == 0 ? "sea" : "gear",
                                random_bits({3, line, word}) % 40);
        text += ".\n\n";
    }
    return text;
}

struct Desk {
    Request request;
    StageCache cache;
    std::unique_ptr<Backend> backend;
    std::shared_ptr<const Snapshot> snapshot;

    explicit Desk(const std::function<void(Request&)>& set = {}) {
        std::vector<std::string> notes;
        backend = make_backend("cpu", notes);
        request.id = 1;
        request.sources.push_back({"sample:topics", "text", 0});
        request.splats.kernel = CovarianceKind::full;
        if (set) set(request);
        snapshot = answered();
    }
    std::shared_ptr<const Snapshot> answered() {
        std::shared_ptr<const Snapshot> last;
        EvaluateHooks hooks;
        hooks.read_sample = topics;
        hooks.entering = [](Stage) {};
        hooks.publish = [&](std::shared_ptr<const Snapshot> one) { last = std::move(one); };
        evaluate(request, cache, *backend, hooks, {});
        return last;
    }
    // What the edit leaves when it is done.
    std::shared_ptr<const Snapshot> done(const Edit& edit) {
        HistoryEntry entry;
        entry.edit = edit;
        request.entries = {entry};
        ++request.id;
        return answered();
    }
    std::shared_ptr<const Snapshot> preview(const Edit& edit, bool exact) {
        return preview_of(*snapshot, request, {edit, exact}, *backend, {});
    }
    // Of a coarse level: those splats reach many tokens.
    [[nodiscard]] std::size_t row() const { return snapshot->registry->rows_of_level(2).front(); }
    [[nodiscard]] Edit edit(Edit::Kind kind) const {
        const std::size_t d = snapshot->registry->dimension;
        const auto amplitude = static_cast<double>(snapshot->registry->log_amplitude[row()]);
        Edit made;
        made.kind = kind;
        made.splats = {snapshot->registry->id[row()]};
        switch (kind) {
            case Edit::Kind::move: made.values.assign(d, 0.03); break;
            case Edit::Kind::widen: made.values = {1.6}; break;
            case Edit::Kind::amplitude: made.values = {4.0 * std::exp(amplitude)}; break;
            case Edit::Kind::stretch:
                made.values.assign(1 + d, 0.3);
                made.values[0] = 2.0;
                break;
            default:
                made.values.assign(1 + 2 * d, 0.0);
                made.values[0] = 0.9;
                made.values[1] = made.values[2 + d] = 1.0;
        }
        return made;
    }
};

double largest_difference(const FactorMatrix& a, const FactorMatrix& b) {
    double most = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t s = 0; s < a.cols(); ++s)
            most = std::max(most,
                            std::abs(static_cast<double>(a(i, s)) - static_cast<double>(b(i, s))));
    return most;
}

}  // namespace

TEST_CASE("a preview at rest is what the edit leaves, one that moves nearly so", "[preview]") {
    Desk desk;
    for (int k = 0; k <= static_cast<int>(Edit::kLastKind); ++k) {
        const auto kind = static_cast<Edit::Kind>(k);
        if (!changes_one_splat(kind)) continue;
        CAPTURE(k);
        const Edit edit = desk.edit(kind);
        const auto coarse = desk.preview(edit, false);
        const auto exact = desk.preview(edit, true);
        REQUIRE((coarse && exact));
        CHECK(coarse->preview == PreviewKind::coarse);
        CHECK(exact->preview == PreviewKind::exact);
        CHECK_FALSE(exact->complete);
        const auto done = desk.done(edit);
        REQUIRE(done->error.empty());
        CHECK(exact->factors->p == done->factors->p);
        CHECK(exact->factors->k == done->factors->k);
        CHECK(exact->measures->usage == done->measures->usage);
        CHECK(exact->measures->row_kl == done->measures->row_kl);
        CHECK(exact->registry->gaussians.centre == done->registry->gaussians.centre);
        CHECK(exact->registry->log_amplitude == done->registry->log_amplitude);
        // The same but for rounding; a change that is none would differ by far more.
        CHECK(largest_difference(coarse->factors->p, done->factors->p) < 1e-5);
        CHECK(largest_difference(coarse->factors->k, done->factors->k) < 1e-6);
        CHECK(largest_difference(desk.snapshot->factors->p, done->factors->p) > 1e-3);
        for (std::size_t s = 0; s < done->registry->size(); ++s) {
            CHECK(coarse->measures->usage[s] ==
                  Approx(done->measures->usage[s]).epsilon(1e-4).margin(1e-7));
            CHECK(coarse->factors->log_mass[s] == Approx(done->factors->log_mass[s]).epsilon(1e-6));
        }
        CHECK_FALSE(coarse->measures->row_kl);
        // Nothing of it is kept.
        CHECK(coarse->history == desk.snapshot->history);
        CHECK(coarse->layout == desk.snapshot->layout);
    }
}

TEST_CASE("the weight of a level follows a hand, and at rest it is what the edit leaves",
          "[preview][levels]") {
    Desk desk;
    Edit edit;
    edit.kind = Edit::Kind::level_weight;
    edit.level = "Section";
    edit.values = {2.0};
    CHECK(follows_a_hand(edit.kind));
    const auto coarse = desk.preview(edit, false);
    const auto exact = desk.preview(edit, true);
    REQUIRE((coarse && exact));
    CHECK(coarse->preview == PreviewKind::coarse);
    CHECK_FALSE(coarse->factors_exact);
    const auto done = desk.done(edit);
    REQUIRE(done->error.empty());
    CHECK(exact->factors->p == done->factors->p);
    CHECK(exact->factors->k == done->factors->k);
    CHECK(exact->measures->usage == done->measures->usage);
    CHECK(exact->registry->log_amplitude == done->registry->log_amplitude);
    CHECK(exact->registry->hierarchy == done->registry->hierarchy);
    CHECK(largest_difference(desk.snapshot->factors->p, done->factors->p) > 1e-2);
    CHECK(exact->registry->parent == desk.snapshot->registry->parent);
    edit.level = "Nowhere";
    CHECK(desk.preview(edit, false) == nullptr);
    edit.level = "Section";
    edit.values = {-1.0};
    CHECK(desk.preview(edit, true) == nullptr);
}

TEST_CASE("levels that are muted and warmed are so in a preview", "[preview]") {
    Desk desk([](Request& request) {
        request.mask.muted = {"Document"};
        request.mask.temperature["Section"] = 2.0;  // the level of the edited splat
    });
    const Edit edit = desk.edit(Edit::Kind::widen);
    const auto coarse = desk.preview(edit, false);
    const auto exact = desk.preview(edit, true);
    const auto done = desk.done(edit);
    CHECK(largest_difference(desk.snapshot->factors->p, done->factors->p) > 1e-3);
    CHECK(largest_difference(coarse->factors->p, done->factors->p) < 1e-5);
    CHECK(largest_difference(coarse->factors->k, done->factors->k) < 1e-6);
    CHECK(largest_difference(exact->factors->p, done->factors->p) == 0.0);
    CHECK(exact->measures->usage == done->measures->usage);
}

TEST_CASE("what cannot follow splat by splat is previewed from a sample of rows", "[preview]") {
    const std::size_t which = GENERATE(0U, 1U);
    Desk desk([which](Request& request) {
        if (which == 0) request.first_settings.causal = true;
        else request.attention.splats_per_token = 3;
    });
    CHECK((which == 0) == (desk.snapshot->factors->causal != nullptr));
    const Edit edit = desk.edit(Edit::Kind::widen);
    const auto coarse = desk.preview(edit, false);
    REQUIRE(coarse);
    CHECK_FALSE(coarse->factors_exact);
    const auto exact = desk.preview(edit, true);
    const auto done = desk.done(edit);
    CHECK(exact->factors_exact);
    CHECK(exact->factors->p == done->factors->p);
}

TEST_CASE("what changes more than a hand shows has no preview, and one that cannot be is refused",
          "[preview][faults]") {
    Desk desk;
    Edit split = desk.edit(Edit::Kind::widen);
    split.kind = Edit::Kind::split;
    CHECK(desk.preview(split, false) == nullptr);
    Edit gone = desk.edit(Edit::Kind::widen);
    gone.splats = {99999};
    CHECK(desk.preview(gone, false) == nullptr);
    Edit wrong = desk.edit(Edit::Kind::amplitude);
    wrong.values = {-1.0};
    CHECK_THROWS_WITH(desk.preview(wrong, false), Catch::Contains("above 0"));
}

TEST_CASE("what is looked at during a gesture is of its preview", "[preview][look]") {
    Desk desk;
    LookRequest request;
    request.id = 1;
    request.snapshot = desk.snapshot;
    request.asked = std::make_shared<const Request>(desk.request);
    const std::size_t n = desk.snapshot->factors->tokens();
    request.wanted.pictures.push_back({{0, n}, {0, n}, 16, 16});
    request.selection.splats = {desk.snapshot->registry->id[desk.row()]};
    request.selection.tokens = {{10, 11}};
    const auto before = look(request, *desk.backend, {});
    CHECK_FALSE(before->previewed);
    request.previous = before;
    request.wanted.preview = PreviewWanted{desk.edit(Edit::Kind::amplitude), false};
    const auto during = look(request, *desk.backend, {});
    CHECK(during->previewed == desk.snapshot);
    CHECK(during->of->preview == PreviewKind::coarse);
    REQUIRE((during->token && during->splat && during->linked));
    CHECK(during->splat->usage == during->of->measures->usage[desk.row()]);
    CHECK(during->splat->usage > before->splat->usage);
    CHECK_FALSE(during->pictures[0]->mean == before->pictures[0]->mean);
    // The same moment again costs nothing.
    request.previous = during;
    const auto again = look(request, *desk.backend, {});
    CHECK(again->of == during->of);
    CHECK(again->pictures == during->pictures);
    CHECK(again->previewed == desk.snapshot);
    // And after it everything is as it was.
    request.wanted.preview.reset();
    request.previous = again;
    const auto after = look(request, *desk.backend, {});
    CHECK(after->of == desk.snapshot);
    CHECK(after->pictures[0]->mean == before->pictures[0]->mean);
    CHECK(after->splat->usage == before->splat->usage);
}
