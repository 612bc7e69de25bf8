#include "app/commands/table.h"
#include "app/run_file.h"
#include "engine/core/error.h"
#include "engine/cycles.h"
#include "engine/io/file.h"
#include "engine/model/level_coordinates.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <span>
#include <utility>

namespace splatscope {
namespace {

using nlohmann::json;

json save(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("run.save", args, 1, 1);
    (void)need_dataset(context.snapshot);
    const hsa::RunFile run = make_run(context.session, context.snapshot);
    if (const std::int32_t last = context.snapshot.history->last(); run.history.last() < last)
        hsa::fail(
            "run.save: of cycle {} only what changed is kept, since it was gone back to: run one "
            "more (adapt.step), then save.",
            last);
    const std::string bytes = hsa::write_run(run);
    hsa::write_file(args[0], bytes, overwrite ? hsa::Existing::replace : hsa::Existing::refuse);
    return {{"command", "run.save"},
            {"version", 1},
            {"mark", "exact"},
            {"path", args[0]},
            {"cycles", run.history.last()},
            {"events", run.history.event_count(run.history.last())},
            {"bytes", bytes.size()}};
}

// Computes every cycle anew from the first registry and compares each with what is stored.
json verify(const QuestionContext& context, const Args& args) {
    expect_count("run.verify", args, 0, 0);
    (void)need_dataset(context.snapshot);
    if (!context.snapshot.history) hsa::fail("run.verify: there is no history yet.");
    const hsa::History& stored = *context.snapshot.history;
    hsa::Request request = request_of(context.session);
    hsa::CycleBase base{context.snapshot.dataset, nullptr, hsa::registry_at(stored, 0)};
    base.coordinates = std::make_shared<const hsa::Coordinates>(hsa::coordinates_for(
        std::span(&context.snapshot.coordinates, 1), *base.registry, context.work));
    base.near = context.snapshot.near;
    base.storage = request.compute.storage;
    base.embed = request.embed;
    base.edits = hsa::edits_at_start(request.entries);
    const std::size_t levels = base.registry->hierarchy.size();
    hsa::CycleCache fresh(std::move(base));
    // Edits at cycle 0 left more than a registry: where the whole state is known it is the start.
    const std::shared_ptr<const hsa::Cycle>& first = stored.cycles.front();
    if (first->state && first->state->learning_rate.size() == levels) {
        hsa::History start;
        start.cycles = {first};
        fresh.adopt(start, *first->state, request.first_settings, request.entries,
                    request.splats.seed);
    }
    request.until_quiet = false;
    request.until_events.clear();
    request.last_cycle = stored.last();
    const auto again =
        fresh.run(context.backend, request, context.work, [](const hsa::History&) {});
    json different = json::array();
    for (std::int32_t c = 0; c <= again.history->last(); ++c) {
        const auto index = static_cast<std::size_t>(c);
        if (again.history->cycles[index]->registry_hash != stored.cycles[index]->registry_hash)
            different.push_back(c);
    }
    return {{"command", "run.verify"},   {"version", 1},
            {"mark", "exact"},           {"cycles", stored.last()},
            {"same", different.empty()}, {"different", std::move(different)}};
}

}  // namespace

std::vector<CommandRow> run_commands() {
    return {
        file_row("run.save", "PATH.run [overwrite]",
                 "saves the whole history: first state, every change, events and refused trials",
                 save),
        change_row("run.open", "PATH.run", "opens a saved history and goes on from its end", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("run.open", args, 1, 1);
                       const bool sample = args[0].starts_with("sample:");
                       open_run(context.session, args[0],
                                sample ? context.read_sample(args[0].substr(7))
                                       : hsa::read_file(args[0]));
                   }),
        question_row("run.verify", "", "computes the history again and compares every cycle",
                     verify),
    };
}

}  // namespace splatscope
