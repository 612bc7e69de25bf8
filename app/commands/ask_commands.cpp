#include "app/commands/phrases.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "engine/core/error.h"
#include "engine/core/time_limit.h"
#include "engine/explain/ask_answer.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace splatscope {
namespace {

using nlohmann::json;

constexpr std::string_view kName = "explain.ask";

std::size_t parse_count(const std::string& text, std::string_view what) {
    const std::string name =
        fmt::format("{} (a phrase of several words stands in quotes): {}", kName, what);
    const std::int64_t value = parse_integer(name, text);
    if (value < 1) hsa::fail_usage("{} takes a whole number from 1, not '{}'.", name, text);
    return static_cast<std::size_t>(value);
}

// [PHRASE] [N] [beyond TOKENS]: of the selected tokens where the phrase is missing or empty.
json ask(const QuestionContext& context, Args args) {
    expect_count(kName, args, 0, 4);
    need_factors(context.snapshot);
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    hsa::AskWanted wanted;
    if (args.size() >= 2 && args[args.size() - 2] == "beyond") {
        wanted.beyond = parse_count(args.back(), "the distance of links in tokens");
        args.resize(args.size() - 2);
    }
    if (args.size() > 1) {
        wanted.count = parse_count(args[1], "the length of its lists");
        wanted.links = wanted.count;
    }
    expect_count(kName, args, 0, 2);
    const std::string phrase = args.empty() ? std::string() : args[0];
    const std::vector<hsa::Range> places = phrase.empty()
                                               ? context.session.document.selection.tokens
                                               : places_of(kName, dataset, phrase);
    if (places.empty())
        hsa::fail("{}: no tokens are selected: name a phrase in quotes, or select words first.",
                  kName);
    const double seconds = context.session.document.compute.time_limit;
    json answer =
        hsa::answer_ask(context.snapshot, places, wanted, context.session.document.attention,
                        hsa::in_time(context.work, seconds));
    answer["phrase"] = phrase.empty() ? json(nullptr) : json(phrase);
    return answer;
}

}  // namespace

std::vector<CommandRow> ask_commands() {
    CommandRow row = question_row(
        "explain.ask", "[\"PHRASE\"] [N] [beyond TOKENS] [to PATH]",
        "what every place of a phrase, or the selected tokens, attends to and what attends to it "
        "(N tokens each, 20), splat by splat, and the strongest links of more than so many tokens "
        "(a tenth of the text)",
        [](const QuestionContext& context, const Args& args) { return ask(context, args); });
    row.apart = true;
    return {row};
}

}  // namespace splatscope
