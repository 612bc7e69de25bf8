#include "app/commands/table.h"
#include "app/timeline.h"
#include "engine/attention/columns.h"
#include "engine/check.h"
#include "engine/core/error.h"
#include "engine/model/finding.h"

#include <nlohmann/json.hpp>

namespace splatscope {
namespace {

nlohmann::json check(const QuestionContext& context, const Args& args) {
    expect_count("recover.check", args, 0, 0);
    need_factors(context.snapshot);
    return hsa::answer_check(hsa::check_health(context.snapshot, request_of(context.session),
                                               context.backend, context.work));
}

void repair(const ChangeContext& context, const Args& args) {
    expect_count("recover.repair", args, 0, 1);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::repair;
    if (!args.empty()) edit.repair = hsa::name_of(hsa::repair_kind(args[0]));
    if (context.session.document.sources.empty())
        hsa::fail("There is nothing to repair: open a text or an embedding file first.");
    if (context.snapshot.registry)
        hsa::require_form_token(*context.snapshot.registry, "Repairing splats");
    add_edit(context.session, std::move(edit));
}

}  // namespace

std::vector<CommandRow> recover_commands() {
    return {
        question_row("recover.check", "[to PATH]",
                     "everything that is wrong with splats, attention, history and settings, and "
                     "every number that was looked at",
                     check),
        change_row("recover.repair", "[KIND]",
                   "puts right what is wrong, each as an event: numbers, widths, amplitudes, "
                   "empty, orphans, or all of these; rebalance calibrates anew",
                   "", repair),
    };
}

}  // namespace splatscope
