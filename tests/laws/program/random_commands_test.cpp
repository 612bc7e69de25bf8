// Any commands whatever keep every rule: they are done or refused with a sentence, and afterwards
// the splats are sound, the history replays to them bit for bit, attention sums to one and no
// number is lost. SPLATSCOPE_RANDOM_COMMANDS says how many commands there are (300),
// SPLATSCOPE_RANDOM_EPISODE which episode is the first (0), to see one again that failed.

#include "app/runner.h"
#include "app/timeline.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/model/event.h"
#include "tests/catch.h"
#include "tests/unit/engine/adapt/synthetic.h"
#include "tests/unit/engine/io/io_test.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

constexpr std::size_t kTokens = 72;
constexpr std::size_t kAxes = 4;
constexpr std::size_t kOfAnEpisode = 150;  // a new program each, so that histories stay short

std::size_t number_from(const char* variable, std::size_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

const char* any_of(hsa::Random& random, const std::vector<const char*>& choices) {
    return choices[random.below(choices.size())];
}

// A splat of the snapshot, now and then one that is not there.
std::string any_splat(hsa::Random& random, const hsa::Snapshot& snapshot) {
    if (!snapshot.registry || random.below(20) == 0) return "9999";
    return std::to_string(snapshot.registry->id[random.below(snapshot.registry->size())]);
}

std::string any_level(hsa::Random& random, const hsa::Snapshot& snapshot) {
    if (!snapshot.registry || random.below(20) == 0) return "Nowhere";
    const auto& levels = snapshot.registry->hierarchy.levels;
    return levels[random.below(levels.size())].name;
}

std::string edit(hsa::Random& random, const hsa::Snapshot& snapshot) {
    switch (random.below(7)) {
        case 0: return "splats.split " + any_splat(random, snapshot);
        case 1:
            return "splats.merge " + any_splat(random, snapshot) + " " +
                   any_splat(random, snapshot);
        case 2: return "splats.remove " + any_splat(random, snapshot);
        case 3: {
            std::string line = "splats.move " + any_splat(random, snapshot);
            for (std::size_t a = 0; a < kAxes; ++a)
                line += fmt::format(" {:.3f}", 0.5 * random.normal());
            return line;
        }
        case 4: return "splats.calibrate";
        case 5: return fmt::format("select.token {}:{}", random.below(60), 60 + random.below(12));
        default: return "splats.add " + any_level(random, snapshot);
    }
}

std::string level_change(hsa::Random& random, const hsa::Snapshot& snapshot) {
    constexpr std::size_t kNames = 4;
    const std::string name = fmt::format("New{}", random.below(kNames));
    switch (random.below(5)) {
        case 0:
        case 1:
            return fmt::format("levels.add {} {} {} {}", name, any_of(random, {"before", "after"}),
                               any_level(random, snapshot), 1 + random.below(6));
        case 2: return "levels.rename " + any_level(random, snapshot) + " " + name;
        default: return "levels.remove " + any_level(random, snapshot);
    }
}

std::string setting(hsa::Random& random, const hsa::Snapshot& snapshot) {
    const std::string level = "set adapt.level." + any_level(random, snapshot);
    switch (random.below(16)) {
        case 13:
            return std::string("set levels.from_children ") + any_of(random, {"0", "0.3", "1"});
        case 14: return std::string("set levels.from_parent ") + any_of(random, {"0", "2", "500"});
        case 0: return std::string("set adapt.preset ") + any_of(random, {"story", "fast"});
        case 1: return std::string("set adapt.lambda ") + any_of(random, {"0", "1e-3", "0.1"});
        case 2: return std::string("set adapt.every ") + any_of(random, {"1", "2", "5"});
        case 3: return std::string("set adapt.sparser ") + any_of(random, {"0", "0.5", "1"});
        case 4: return std::string("set adapt.thresholds ") + any_of(random, {"fixed", "adaptive"});
        case 5: return std::string("set adapt.target.birth ") + any_of(random, {"0", "3", "auto"});
        case 6: return std::string("set adapt.shift ") + any_of(random, {"0", "0.5", "6"});
        case 7: return std::string("set adapt.learning_rate ") + any_of(random, {"0.02", "0.5"});
        case 8: return level + ".lambda " + any_of(random, {"auto", "0", "0.05"});
        case 9: return level + ".rate.mitosis " + any_of(random, {"auto", "0", "6"});
        case 10: return level + ".max_events " + any_of(random, {"auto", "0", "9"});
        case 11: return std::string("set target.source ") + any_of(random, {"scores", "none"});
        case 12: return std::string("set attention.causal ") + any_of(random, {"true", "false"});
        default:
            return fmt::format("set {} {}",
                               "attention.level." + any_level(random, snapshot) + ".weight",
                               random.below(4));
    }
}

std::string command(hsa::Random& random, const Runner& runner) {
    const hsa::Snapshot& snapshot = runner.snapshot();
    const auto last = static_cast<std::size_t>(runner.session().document.timeline.last);
    switch (random.below(17)) {
        case 15: return level_change(random, snapshot);
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: return fmt::format("adapt.step {}", 1 + random.below(3));
        case 5:
        case 6:
        case 7: return edit(random, snapshot);
        case 8:
        case 9: return setting(random, snapshot);
        case 10: return random.below(4) == 0 ? "redo" : "undo";
        case 11: return fmt::format("adapt.goto {}", random.below(last + 2));
        case 12: return std::string("levels.weigh ") + any_of(random, {"information", "even"});
        case 13:
            return std::string("recover.repair ") +
                   any_of(random, {"", "numbers", "widths", "amplitudes", "rebalance"});
        case 14: return std::string("adapt.") + any_of(random, {"back", "first", "last"});
        default: return "redo";
    }
}

// Empty where everything holds, else what does not.
std::string broken(const Runner& runner) {
    const hsa::Snapshot& snapshot = runner.snapshot();
    if (!snapshot.complete) return "the snapshot is not complete";
    if (!snapshot.error.empty()) return "the snapshot has an error: " + snapshot.error;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    try {
        hsa::check_invariants(registry);
    } catch (const hsa::Error& error) {
        return error.what();
    }
    const hsa::History& history = *snapshot.history;
    if (history.last() != runner.session().document.timeline.last)
        return "the history has another length than the timeline";
    const auto& shown = history.cycles[static_cast<std::size_t>(snapshot.cycle)];
    if (hsa::hash_registry(registry) != shown->registry_hash)
        return "the splats shown are not those of their cycle";
    if (registry.id.back() >= registry.next_id) return "an id that was not given out";
    for (const double number :
         {shown->measures.objective, shown->measures.entropy, shown->measures.information,
          shown->measures.gain_adjust, shown->measures.gain_structure})
        if (!std::isfinite(number)) return "a measure is not finite";
    for (const std::size_t count : shown->measures.splats)
        if (count == 0) return "a level is empty";
    for (const hsa::Event& event : shown->events) {
        if (event.text.empty()) return "an event without a sentence";
        if (!event.accepted && !event.delta.empty()) return "a refused trial changed something";
    }
    const hsa::Factors& factors = *snapshot.factors;
    for (std::size_t i = 0; i < factors.tokens(); i += 7) {
        double sum = 0.0;
        for (std::size_t s = 0; s < factors.columns(); ++s)
            sum += static_cast<double>(factors.p(i, s));
        if (!(std::abs(sum - 1.0) < 1e-4)) return fmt::format("row {} sums to {}", i, sum);
    }
    return {};
}

// Replays the deltas from cycle 0: each cycle's splats, and no id that was given twice.
std::string does_not_replay(const hsa::History& history) {
    hsa::SplatRegistry registry = *history.cycles.front()->state->registry;
    std::set<hsa::SplatId> gone;
    for (const auto& cycle : history.cycles) {
        if (cycle->number > 0)
            for (const hsa::Event& event : cycle->events) {
                if (!event.accepted) continue;
                hsa::apply(event.delta, registry);
                gone.insert(event.delta.removed.begin(), event.delta.removed.end());
            }
        if (hsa::hash_registry(registry) != cycle->registry_hash)
            return fmt::format("cycle {} does not replay", cycle->number);
        for (const hsa::SplatId id : registry.id)
            if (gone.count(id) > 0) return fmt::format("splat {} came back", id);
    }
    return {};
}

}  // namespace

TEST_CASE("random commands keep every invariant", "[laws][commands]") {
    const io_test::Folder folder;
    const std::size_t wanted = number_from("SPLATSCOPE_RANDOM_COMMANDS", 300);
    std::size_t done = 0;
    std::size_t refused = 0;
    std::size_t structural = 0;
    for (std::uint64_t episode = number_from("SPLATSCOPE_RANDOM_EPISODE", 0); done < wanted;
         ++episode) {
        hsa::Random random{episode, 77};
        const std::string path = folder.at("rows.npy");
        const hsa::Matrix<float> rows = adapt_test::clusters(
            kTokens, adapt_test::directions(6, kAxes, 3), 6, 11 + episode, 0.2);
        io_test::put_file(path, hsa::write_npy(rows.view()));
        Runner runner({});
        REQUIRE(runner.run("open " + path).error.empty());
        REQUIRE(runner.run("splats.init levels 8 4 2").error.empty());
        runner.wait_complete();
        std::vector<std::string> lines;
        const auto fail_at = [&](const std::string& what) {
            std::string script;
            for (const std::string& line : lines) script += line + "\n";
            FAIL("episode " << episode << ": " << what << " after\n" << script);
        };
        for (std::size_t c = 0; c < kOfAnEpisode && done < wanted; ++c, ++done) {
            lines.push_back(command(random, runner));
            const Outcome outcome = runner.run(lines.back());
            // 1 and 2: refused, with a sentence; anything else is a fault of the program.
            if (!outcome.error.empty()) ++refused;
            if (outcome.exit_code != 0 && outcome.exit_code != 1 && outcome.exit_code != 2)
                fail_at(fmt::format("exit code {}: {}", outcome.exit_code, outcome.error));
            // Undo may reach what was opened: it is done again, for there is nothing to break.
            while (runner.session().document.sources.empty())
                REQUIRE(runner.run("redo").error.empty());
            runner.wait_complete();
            if (const std::string what = broken(runner); !what.empty()) fail_at(what);
            if (c % 50 == 49)
                if (const std::string what = does_not_replay(*runner.snapshot().history);
                    !what.empty())
                    fail_at(what);
        }
        for (const auto& cycle : runner.snapshot().history->cycles)
            for (const hsa::Event& event : cycle->events)
                if (event.accepted && hsa::is_structural(event.kind)) ++structural;
        // What was saved is computed again to the same splats.
        const std::uint64_t hash = hsa::hash_registry(*runner.snapshot().registry);
        const std::string session = folder.at("a.session");
        REQUIRE(runner.run("session.save " + session + " overwrite").error.empty());
        Runner again({});
        const Outcome opened = again.run("session.open " + session);
        if (!opened.error.empty()) fail_at(opened.error);
        again.wait_complete();
        if (!again.snapshot().error.empty()) fail_at(again.snapshot().error);
        if (!again.snapshot().registry) fail_at("the session opens without splats");
        if (hsa::hash_registry(*again.snapshot().registry) != hash)
            fail_at("the session computes other splats when it is opened again");
    }
    // The commands did something.
    CHECK(structural > wanted / 50);
    CHECK(refused < wanted / 2);
}
