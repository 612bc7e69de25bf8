#include "engine/io/run.h"

#include "engine/adapt/shift.h"
#include "engine/io/file.h"
#include "engine/io/run_payload.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/registries.h"

#include <limits>

using hsa::read_run;
using hsa::RunFile;
using hsa::write_run;
using io_test::check_fails;

namespace {

hsa::AdaptState state_of(const hsa::SplatRegistry& registry, std::int32_t cycle) {
    hsa::AdaptState state;
    state.registry = std::make_shared<const hsa::SplatRegistry>(registry);
    state.cycle = cycle;
    state.learning_rate = {0.02, 0.01};
    state.best_kl = {0.3, std::numeric_limits<double>::infinity()};
    state.starting_splats = {3, 2};
    const std::size_t parameters = registry.form == hsa::Form::token
                                       ? registry.dimension + 2
                                       : hsa::head_parameters(registry.dimension);
    state.moments[registry.id[0]] = {std::vector<float>(parameters, 0.1F),
                                     std::vector<float>(parameters, 0.2F), cycle};
    state.cooldowns[{hsa::EventKind::merge, {3, 17}}] = {cycle + 4, 8};
    state.seen = hsa::seen_by({{-1.5, 0.25}, {-2.5, 0.125}}, registry, 0.5);
    state.seen.drift = {0.5, -0.25};
    state.structure_at = cycle - 1;
    state.shift_at = cycle / 2;
    state.thresholds.factor = {0.25, 1.0, 4.0, 1.1};
    state.thresholds.accepted = {0.5, std::nullopt, 0.0, std::nullopt};
    state.signals[registry.id[0]].texts = {{0.5F, 0.25F}, {0.0F, 0.125F}};
    state.signals[registry.id[2]].now = hsa::SplatSignal{0.75F, 0.5F};
    state.paths[registry.id[0]] = {{registry.id[3], 0.75F}, {registry.id[4], 0.25F}};
    return state;
}

// One adjust and one refused mitosis a cycle; every seventh a splat is added, every eleventh
// removed.
std::shared_ptr<const hsa::Cycle> make_cycle(hsa::SplatRegistry& registry, std::int32_t number) {
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->number = number;
    const auto add_event = [&](hsa::EventKind kind, const hsa::SplatRegistry& before) {
        hsa::Event event;
        event.cycle = number;
        event.kind = kind;
        event.before = {registry.id[0]};
        event.decided_by = {{"error_share", 0.031, 0.01}};
        event.d = -0.001;
        event.objective_after = std::numeric_limits<double>::quiet_NaN();
        event.tokens = {5, 3};
        event.text = "A sentence.";
        event.delta = hsa::difference(before, registry);
        cycle->events.push_back(std::move(event));
    };
    if (number > 0) {
        hsa::SplatRegistry before = registry;
        registry.gaussians.centre(0, 0) += 0.125F;
        registry.usage_history[1].push(0.2F);
        ++registry.age[2];
        add_event(hsa::EventKind::adjust, before);
        before = registry;
        if (number % 7 == 0) {
            (void)registry.add(io_test::make_splat(registry.dimension, 0, registry.id[0],
                                                   static_cast<std::size_t>(number)));
            add_event(hsa::EventKind::birth, before);
        }
        before = registry;
        if (number % 11 == 0) {
            registry.remove(registry.id[1]);
            add_event(hsa::EventKind::death, before);
        }
        add_event(hsa::EventKind::mitosis, registry);
        cycle->events.back().accepted = false;
    }
    cycle->measures.splats = {registry.count(0), registry.count(1)};
    cycle->measures.usage = {0.6, 0.4};
    cycle->measures.level_row_kl = {0.1, 0.2};
    cycle->measures.row_kl = 1.0 / (1.0 + number);
    cycle->measures.entropy = 2.5;
    if (number % 2 == 1) cycle->measures.shift = -0.5 * number;
    cycle->measures.structure = number % 3 == 0;
    cycle->registry_hash = hsa::hash_registry(registry);
    return cycle;
}

RunFile make_run(std::int32_t last) {
    RunFile run;
    run.source = "sample:voyage";
    run.dataset_hash = 0x0123456789ABCDEFU;
    run.settings = {"adapt.preset story", "splats.seed 1"};
    run.edits = {{3, "splats.split 17"}, {5, "set attention.level.Token.weight 0.5"}};
    hsa::SplatRegistry registry = io_test::make_registry();
    registry.made_here = true;
    registry.coordinates = io_test::make_recipe(7, 3);
    for (std::int32_t number = 0; number <= last; ++number) {
        auto cycle = std::make_shared<hsa::Cycle>(*make_cycle(registry, number));
        // As in memory: whole at every 32nd and at the last few.
        if (number % 32 == 0 || number > last - 32) {
            cycle->state = std::make_shared<const hsa::AdaptState>(state_of(registry, number));
        }
        run.history.cycles.push_back(std::move(cycle));
    }
    run.last = *run.history.cycles.back()->state;
    return run;
}

bool same_state(const hsa::AdaptState& a, const hsa::AdaptState& b) {
    return hsa::same_bits(*a.registry, *b.registry) && a.moments == b.moments &&
           a.learning_rate == b.learning_rate && a.best_kl == b.best_kl &&
           a.starting_splats == b.starting_splats && a.cooldowns == b.cooldowns &&
           a.cycle == b.cycle && a.seen == b.seen && a.structure_at == b.structure_at &&
           a.shift_at == b.shift_at && a.thresholds == b.thresholds && a.signals == b.signals &&
           a.paths == b.paths && a.held_parents == b.held_parents;
}

}  // namespace

TEST_CASE("a run comes back with every cycle, event and state", "[io][run]") {
    const RunFile run = make_run(70);
    const RunFile back = read_run("a.run", write_run(run));
    CHECK(back.source == run.source);
    CHECK(back.dataset_hash == run.dataset_hash);
    CHECK(back.settings == run.settings);
    CHECK(back.edits == run.edits);
    CHECK(same_state(back.last, run.last));
    CHECK(back.last.registry->made_here);
    REQUIRE(back.history.last() == 70);
    for (std::int32_t c = 0; c <= 70; ++c) {
        INFO("cycle " << c);
        const auto& was = *run.history.cycles[static_cast<std::size_t>(c)];
        const auto& is = *back.history.cycles[static_cast<std::size_t>(c)];
        CHECK(
            hsa::same_bits(*hsa::registry_at(back.history, c), *hsa::registry_at(run.history, c)));
        REQUIRE(is.events.size() == was.events.size());
        CHECK(is.measures.row_kl == was.measures.row_kl);
        CHECK(is.measures.splats == was.measures.splats);
        CHECK(is.measures.shift == was.measures.shift);
        CHECK(is.measures.structure == was.measures.structure);
        CHECK((is.state != nullptr) == (c % 32 == 0 || c == 70));
        for (std::size_t e = 0; e < is.events.size(); ++e) {
            CHECK(is.events[e].kind == was.events[e].kind);
            CHECK(is.events[e].accepted == was.events[e].accepted);
            CHECK(is.events[e].decided_by == was.events[e].decided_by);
            CHECK(is.events[e].tokens == was.events[e].tokens);
            CHECK(is.events[e].text == was.events[e].text);
            CHECK(std::isnan(is.events[e].objective_after));
        }
    }
}

TEST_CASE("the head of a run is what the whole says, however long it is", "[io][run]") {
    for (const std::size_t edits : {std::size_t{0}, std::size_t{3}, std::size_t{20000}}) {
        RunFile run = make_run(9);
        for (std::size_t e = 0; e < edits; ++e)
            run.edits.emplace_back(static_cast<std::int32_t>(e % 9), "split 17");
        const std::string bytes = write_run(run);
        const hsa::RunHead head = hsa::read_run_head("a.run", bytes);
        CHECK(head.source == run.source);
        CHECK(head.dataset_hash == run.dataset_hash);
        CHECK(head.settings == run.settings);
        CHECK(head.edits == run.edits);
        CHECK(head.last_cycle == 9);
    }
    const std::string bytes = write_run(make_run(4));
    for (std::size_t size = 0; size < bytes.size(); size += 13)
        check_fails([&] { (void)hsa::read_run_head("a.run", bytes.substr(0, size)); }, {"a.run"});
    std::string flipped = bytes;
    flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 0x10);
    check_fails([&] { (void)hsa::read_run_head("a.run", flipped); }, {"checksum"});
}

TEST_CASE("the same history gives the same bytes, also after reading", "[io][run]") {
    const RunFile run = make_run(40);
    const std::string bytes = write_run(run);
    CHECK(bytes == write_run(run));
    CHECK(bytes == write_run(read_run("a.run", bytes)));
}

TEST_CASE("all registries share their coordinates", "[io][run]") {
    const RunFile back = read_run("a.run", write_run(make_run(64)));
    CHECK(back.history.cycles[0]->state->registry->coordinates ==
          back.history.cycles[32]->state->registry->coordinates);
}

TEST_CASE("a truncated or changed .run is refused", "[io][run]") {
    const std::string bytes = write_run(make_run(8));
    for (std::size_t size = 0; size < bytes.size(); size += 13) {
        check_fails([&] { (void)read_run("a.run", bytes.substr(0, size)); }, {"a.run"});
    }
    for (std::size_t at = 8; at < bytes.size(); at += 17) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        check_fails([&] { (void)read_run("a.run", flipped); }, {"a.run"});
    }
    check_fails([&] { (void)read_run("a.run", bytes.substr(0, bytes.size() - 1)); },
                {"truncated or damaged", "checksum"});
    check_fails([] { (void)read_run("a.run", "hello"); }, {"a.run", "not a .run file"});
    std::string newer = bytes;
    newer[8] = 9;
    check_fails([&] { (void)read_run("a.run", newer); }, {"version 9", "reads versions 1 to 6"});
}

TEST_CASE("a history that does not hold together is refused with its cycle", "[io][run]") {
    const auto refuses = [](const auto& change, const std::vector<std::string>& parts) {
        RunFile run = make_run(8);
        auto cycle = std::make_shared<hsa::Cycle>(*run.history.cycles[5]);
        cycle->state.reset();
        change(*cycle);
        run.history.cycles[5] = cycle;
        check_fails([&] { (void)read_run("a.run", write_run(run)); }, parts);
    };
    const auto on_first = [](const auto& change) {
        return [change](hsa::Cycle& c) {
            std::vector<hsa::Splat> written = c.events[0].delta.written.unpack();
            change(written[0]);
            c.events[0].delta.written = hsa::PackedSplats(written);
        };
    };
    refuses([](hsa::Cycle& c) { c.registry_hash ^= 1U; }, {"a.run", "cycle 5", "hash"});
    refuses(on_first([](hsa::Splat& splat) { splat.centre.push_back(1.0F); }),
            {"cycle 5", "does not fit"});
    refuses(on_first([](hsa::Splat& splat) { splat.level = 7; }), {"cycle 5", "does not fit"});
    refuses(on_first([](hsa::Splat& splat) { splat.variance[0] = -1.0F; }),
            {"cycle 5", "variance"});
    refuses([](hsa::Cycle& c) { c.events[0].delta.removed.push_back(1234); }, {"cycle 5", "1234"});
    refuses([](hsa::Cycle& c) { c.events[0].cycle = 6; }, {"cycle 5", "event of cycle 6"});
    refuses([](hsa::Cycle& c) { c.number = 4; }, {"cycle 4", "place of cycle 5"});
    refuses([](hsa::Cycle& c) { c.events[0].delta.hierarchy = hsa::Hierarchy{}; }, {"cycle 5"});
    refuses([](hsa::Cycle& c) { c.events[0].delta.next_id = 2; }, {"cycle 5"});
}

TEST_CASE("every cut of the unpacked history is refused", "[io][run][plain]") {
    const std::string payload = hsa::encode_run(make_run(3));
    CHECK(hsa::decode_run("a.run", payload).history.last() == 3);
    for (std::size_t size = 0; size < payload.size(); ++size) {
        const auto cut = [&] { (void)hsa::decode_run("a.run", payload.substr(0, size)); };
        const std::string sentence = io_test::complaint_of(cut);
        if (sentence.find("a.run") == std::string::npos)
            FAIL("cut at " << size << ": " << sentence);
    }
}

TEST_CASE("an empty history is not saved", "[io][run]") {
    check_fails([] { (void)write_run(RunFile{}); }, {"no history"});
}

TEST_CASE("a .run of version 1 that was saved earlier still opens", "[io][run]") {
    const std::string path =
        std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/fuzz/corpus/run/three.run";
    const RunFile run = read_run("three.run", hsa::read_file(path));
    CHECK(run.history.last() == 2);
    CHECK(run.source == "sample:voyage");
    CHECK(run.history.cycles[2]->events[0].text == "t");
    CHECK(run.last.registry->size() == 6);
    // Its hashes are those of today's rule now, so that a recomputed cycle can be held against it.
    for (const auto& cycle : run.history.cycles)
        if (cycle->state)
            CHECK(cycle->registry_hash == hsa::hash_registry(*cycle->state->registry));
    const std::string saved = write_run(run);
    CHECK(saved[8] == 6);
    CHECK(write_run(read_run("three.run", saved)) == saved);
    // The same bytes called an earlier version are not read as one.
    const std::string payload = hsa::encode_run(run);
    CHECK_NOTHROW((void)hsa::decode_run("three.run", payload));
    for (const std::uint32_t version : {1U, 2U})
        check_fails([&] { (void)hsa::decode_run("three.run", payload, version); }, {"three.run"});
}

TEST_CASE("a .run of version 2 that was saved earlier still opens", "[io][run]") {
    const std::string path =
        std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/fuzz/corpus/run/second.run";
    const std::string bytes = hsa::read_file(path);
    REQUIRE(bytes[8] == 2);
    const RunFile run = read_run("second.run", bytes);
    const RunFile now = make_run(2);
    REQUIRE(run.history.last() == 2);
    for (std::size_t c = 0; c < 3; ++c) {
        CHECK(run.history.cycles[c]->registry_hash == now.history.cycles[c]->registry_hash);
        // What it does not say: trials in every cycle, nothing known of the data.
        CHECK(run.history.cycles[c]->measures.structure);
        CHECK_FALSE(run.history.cycles[c]->measures.shift.has_value());
    }
    CHECK(run.last.seen == hsa::SeenData{});
    CHECK(run.last.structure_at == 2);
    CHECK(run.last.signals.empty());
    CHECK(write_run(run)[8] == hsa::kRunVersion);
}

TEST_CASE("a .run of version 3, which knew no paths, still opens", "[io][run]") {
    const std::string path =
        std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/fuzz/corpus/run/third.run";
    const std::string bytes = hsa::read_file(path);
    REQUIRE(bytes[8] == 3);
    const RunFile run = read_run("third.run", bytes);
    REQUIRE(run.history.last() == 2);
    CHECK(run.last.signals.size() == 2);
    CHECK(run.last.paths.empty());
    CHECK(write_run(run)[8] == hsa::kRunVersion);
}

TEST_CASE("a .run of version 4, which knew no cycles of heads, still opens", "[io][run]") {
    const std::string path =
        std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/fuzz/corpus/run/fourth.run";
    const std::string bytes = hsa::read_file(path);
    REQUIRE(bytes[8] == 4);
    const RunFile run = read_run("fourth.run", bytes);
    const RunFile now = make_run(2);
    REQUIRE(run.history.last() == 2);
    for (std::size_t c = 0; c < 3; ++c)
        CHECK(run.history.cycles[c]->registry_hash == now.history.cycles[c]->registry_hash);
    CHECK(same_state(run.last, now.last));
    CHECK(write_run(run)[8] == hsa::kRunVersion);
}

TEST_CASE("parents that were chosen by hand come back with a .run", "[io][run]") {
    RunFile run = make_run(2);
    run.last.held_parents = {{run.last.registry->id[0], run.last.registry->id[4]}};
    const RunFile again = read_run("held.run", write_run(run));
    CHECK(same_state(again.last, run.last));
    CHECK(again.last.held_parents.size() == 1);
}

TEST_CASE("a .run of version 5, which knew no parents by hand, still opens", "[io][run]") {
    const std::string bytes =
        hsa::read_file(std::string(SPLATSCOPE_SOURCE_DIR) + "/tests/fuzz/corpus/run/fifth.run");
    REQUIRE(bytes[8] == 5);
    const RunFile run = read_run("fifth.run", bytes);
    CHECK(run.history.last() == 1);
    CHECK(run.last.held_parents.empty());
}

TEST_CASE("damaged numbers of adaptation are refused", "[io][run]") {
    const auto refuses = [](const auto& change, const std::string& part) {
        RunFile run = make_run(1);
        change(run.last);
        check_fails([&] { (void)read_run("a.run", write_run(run)); }, {"a.run", part});
    };
    refuses([](hsa::AdaptState& s) { s.thresholds.factor[1] = 0.0; }, "threshold");
    refuses([](hsa::AdaptState& s) { s.signals[4000].now = hsa::SplatSignal{}; }, "signals");
    refuses([](hsa::AdaptState& s) { s.signals.begin()->second.texts.resize(11); }, "texts");
    refuses([](hsa::AdaptState& s) { s.paths[4000] = {{4, 0.5F}}; }, "path");
    refuses([](hsa::AdaptState& s) { s.paths.begin()->second.front().share = 1.5F; }, "share");
    refuses([](hsa::AdaptState& s) { s.held_parents[0] = 4000; }, "by hand");
}

TEST_CASE("a run of the form paired comes back whole", "[io][run]") {
    RunFile run = make_run(0);
    const hsa::SplatRegistry registry = io_test::make_paired_registry();
    run.history.cycles.clear();
    for (std::int32_t number = 0; number <= 2; ++number) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = number;
        cycle->registry_hash = hsa::hash_registry(registry);
        if (number > 0) {
            hsa::Event refused;
            refused.cycle = number;
            refused.kind = hsa::EventKind::death;
            refused.accepted = false;
            cycle->events.push_back(refused);
        }
        if (number != 1)
            cycle->state = std::make_shared<const hsa::AdaptState>(state_of(registry, number));
        run.history.cycles.push_back(std::move(cycle));
    }
    run.last = *run.history.cycles.back()->state;
    const RunFile back = read_run("paired.run", write_run(run));
    REQUIRE(back.history.last() == 2);
    for (std::int32_t c = 0; c <= 2; ++c)
        CHECK(hsa::same_bits(*hsa::registry_at(back.history, c), registry));
    CHECK(same_state(back.last, run.last));

    // A stored kind, form or number that was changed shows in the hash.
    const auto changed = [&](const auto& change) {
        hsa::SplatRegistry other = registry;
        change(other);
        CHECK(hsa::hash_registry(other) != hsa::hash_registry(registry));
    };
    changed([](hsa::SplatRegistry& r) { r.form = hsa::Form::shared; });
    changed([](hsa::SplatRegistry& r) { r.gaussians.kind[0] = hsa::CovarianceKind::diagonal; });
    changed(
        [](hsa::SplatRegistry& r) { r.query_gaussians->kind[0] = hsa::CovarianceKind::diagonal; });
    changed([](hsa::SplatRegistry& r) { r.kappa = 2.0; });
    changed([](hsa::SplatRegistry& r) { r.kappa_query.reset(); });
    changed([](hsa::SplatRegistry& r) { r.query_quadratic[1] = 0.5; });
    changed([](hsa::SplatRegistry& r) { r.offset.reset(); });
    changed([](hsa::SplatRegistry& r) { r.made_here = true; });

    // A change of a paired splat has both sides, in the dimension of the others.
    auto claims = std::make_shared<hsa::Cycle>(*run.history.cycles[1]);
    claims->events[0].accepted = true;
    run.history.cycles[1] = claims;
    const auto refuses = [&](const auto& change) {
        hsa::Splat splat = registry.splat(0);
        change(splat);
        claims->events[0].delta.written = hsa::PackedSplats(std::vector<hsa::Splat>{splat});
        check_fails([&] { (void)read_run("paired.run", write_run(run)); },
                    {"paired.run", "cycle 1", "does not fit"});
    };
    refuses([](hsa::Splat& splat) { splat.query.reset(); });
    refuses([](hsa::Splat& splat) { splat.query->centre.pop_back(); });
    refuses([](hsa::Splat& splat) { splat.query->shape.push_back(1.0F); });
}

TEST_CASE("a level that is removed or added comes back with the run", "[io][run]") {
    RunFile run = make_run(0);
    hsa::SplatRegistry registry = *run.last.registry;
    const auto add_cycle = [&](std::int32_t number, const auto& change) {
        const hsa::SplatRegistry before = registry;
        change(registry);
        hsa::CoordinateRecipe recipe = *before.coordinates;
        recipe.levels.clear();
        recipe.level_names.clear();
        for (const hsa::Level& level : registry.hierarchy.levels) {
            const auto old = before.hierarchy.index_of(level.name);
            recipe.levels.push_back(before.coordinates->levels[old.value_or(0)]);
            if (!old) recipe.levels.back().h = 1.5;
            recipe.level_names.push_back(level.name);
        }
        registry.coordinates = std::make_shared<const hsa::CoordinateRecipe>(recipe);
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->number = number;
        hsa::Event event;
        event.level_name = "Clause";
        cycle->measures.level_names = recipe.level_names;
        event.cycle = number;
        event.kind = hsa::EventKind::level;
        event.delta = hsa::difference(before, registry);
        cycle->events.push_back(std::move(event));
        cycle->registry_hash = hsa::hash_registry(registry);
        run.history.cycles.push_back(std::move(cycle));
    };
    add_cycle(1, [](hsa::SplatRegistry& r) {
        r.insert_level(1, {"Clause", 0.25});
        (void)r.add(io_test::make_splat(r.dimension, 1, r.id[0], 6));
    });
    add_cycle(2, [](hsa::SplatRegistry& r) { r.remove_level(0); });
    add_cycle(3, [](hsa::SplatRegistry& r) { r.remove_level(1); });
    auto last = std::make_shared<hsa::Cycle>(*run.history.cycles.back());
    hsa::AdaptState state = state_of(registry, 3);
    state.learning_rate = state.best_kl = {0.1};
    state.starting_splats = {1};
    last->state = std::make_shared<const hsa::AdaptState>(state);
    run.history.cycles.back() = last;
    run.last = state;
    const RunFile back = read_run("levels.run", write_run(run));
    CHECK(hsa::registry_at(back.history, 1)->hierarchy.size() == 3);
    CHECK(hsa::registry_at(back.history, 2)->hierarchy.size() == 2);
    REQUIRE(hsa::registry_at(back.history, 3)->hierarchy.size() == 1);
    CHECK(hsa::registry_at(back.history, 3)->hierarchy.levels[0].name == "Clause");
    CHECK(hsa::same_bits(*hsa::registry_at(back.history, 3), registry));
    CHECK(hsa::registry_at(back.history, 1)->coordinates->levels[1].h == 1.5);
    CHECK(back.history.cycles[1]->events[0].level_name == "Clause");
    CHECK(back.history.cycles[2]->measures.level_names ==
          std::vector<std::string>{"Clause", "Phrase"});
    // Coordinates of another number of levels than there are damage the file.
    auto torn = std::make_shared<hsa::Cycle>(*run.history.cycles[1]);
    torn->events[0].delta.coordinates.reset();
    run.history.cycles[1] = torn;
    check_fails([&] { (void)read_run("levels.run", write_run(run)); }, {"levels.run", "cycle 1"});
}
