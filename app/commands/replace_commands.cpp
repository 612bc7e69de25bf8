#include "app/commands/table.h"
#include "engine/core/error.h"
#include "engine/load.h"
#include "engine/models.h"
#include "engine/replace.h"

#include <nlohmann/json.hpp>

// Splats in the place of a model's heads.
namespace splatscope {
namespace {

nlohmann::json report(const QuestionContext& context, const Args& args) {
    expect_count("replace.report", args, 0, 0);
    need_factors(context.snapshot);
    const hsa::Dataset& shown = *context.snapshot.dataset;
    const Document& document = context.session.document;
    if (document.replace.heads.empty())
        hsa::fail(
            "replace.report: no head is to be replaced: set replace.heads all, or LAYER:HEAD.");
    if (!shown.heads || !shown.heads->tokens())
        hsa::fail(
            "replace.report: {} was not read by a model: open a text with a model "
            "(embed.method model).",
            shown.source);
    const hsa::Request request = request_of(context.session);
    hsa::Models models;
    const auto words =
        hsa::load_dataset(document.sources, document.embed, context.read_sample, 0, context.work);
    const auto text = models.text(words, document.embed, context.work);
    return hsa::replace_json(hsa::replace_heads(context.backend, *text, *text->heads()->tokens(),
                                                request, document.replace, context.work));
}

}  // namespace

std::vector<CommandRow> replace_commands() {
    return {question_row("replace.report", "[to PATH]",
                         "runs the model with splats in the place of replace.heads: what becomes "
                         "of its states and sentences",
                         report)};
}

}  // namespace splatscope
