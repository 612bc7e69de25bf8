#include "app/commands/table.h"
#include "app/run_file.h"
#include "engine/core/error.h"
#include "engine/cycles.h"
#include "engine/io/file.h"

#include <nlohmann/json.hpp>

namespace splatscope {
namespace {

using nlohmann::json;

json save(const QuestionContext& context, const Args& args, const std::string&, bool overwrite) {
    expect_count("run.save", args, 1, 1);
    (void)need_dataset(context.snapshot);
    const hsa::RunFile run = make_run(context.session, context.snapshot);
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
    hsa::CycleCache fresh(
        {context.snapshot.dataset, context.snapshot.coordinates, hsa::registry_at(stored, 0)});
    hsa::Request request = request_of(context.session);
    request.until_quiet = false;
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
    std::vector<CommandRow> rows(3);
    rows[0].name = "run.save";
    rows[0].arguments = "PATH.run [overwrite]";
    rows[0].help = "saves the whole history: first state, every change, events and refused trials";
    rows[0].kind = CommandKind::file;
    rows[0].file = save;
    rows[1].name = "run.open";
    rows[1].arguments = "PATH.run";
    rows[1].help = "opens a saved history and goes on from its end";
    rows[1].change = [](const ChangeContext& context, const Args& args) {
        expect_count("run.open", args, 1, 1);
        const bool sample = args[0].starts_with("sample:");
        open_run(context.session, args[0],
                 sample ? context.read_sample(args[0].substr(7)) : hsa::read_file(args[0]));
    };
    rows[2].name = "run.verify";
    rows[2].arguments = "";
    rows[2].help = "computes the history again and compares every cycle";
    rows[2].kind = CommandKind::question;
    rows[2].question = verify;
    return rows;
}

}  // namespace splatscope
