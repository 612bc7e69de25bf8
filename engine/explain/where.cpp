#include "engine/explain/where.h"

#include "engine/core/error.h"
#include "engine/explain/fields.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace hsa {
namespace {

constexpr std::string_view kOfSplats = "splat.";
constexpr std::string_view kOfTokens = "token.";

bool has(std::span<const Field> fields, std::string_view written) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const Field& field) { return means(written, field); });
}

std::string list_of(std::span<const Field> fields) {
    std::string names;
    for (const Field& field : fields)
        names += (names.empty() ? "" : ", ") + written_name(field.name);
    return names;
}

[[noreturn]] void fail_unknown(const Step& step, std::span<const Field> splats,
                               std::span<const Field> tokens) {
    fail_usage(
        "at column {} there is no property '{}' (words stand in quotes): splats have {}; tokens "
        "have {}; k, n and cycle are numbers.",
        step.column, step.text, splats.empty() ? "none yet" : list_of(splats),
        tokens.empty() ? "none yet" : list_of(tokens));
}

// Which of both a name may mean.
struct Kinds {
    bool splats = true;
    bool tokens = true;
};

class Chooser {
  public:
    Chooser(std::span<const Field> splats, std::span<const Field> tokens,
            std::span<const Constant> constants)
        : splats_(splats), tokens_(tokens), constants_(constants) {}

    // Takes the prefix of a name away and leaves only the kinds that have it.
    void meet(Step& step) {
        if (std::any_of(constants_.begin(), constants_.end(),
                        [&](const Constant& each) { return each.name == step.text; }))
            return;
        Kinds kinds;
        const auto prefixed = [&](std::string_view prefix, std::span<const Field> fields) {
            const std::string_view rest =
                std::string_view(step.text).substr(std::min(prefix.size(), step.text.size()));
            return step.text.starts_with(prefix) && has(fields, rest);
        };
        std::string_view prefix;
        if (prefixed(kOfSplats, splats_)) {
            kinds.tokens = false;
            prefix = kOfSplats;
        } else if (prefixed(kOfTokens, tokens_)) {
            kinds.splats = false;
            prefix = kOfTokens;
        } else {
            kinds = {has(splats_, step.text), has(tokens_, step.text)};
            if (!kinds.splats && !kinds.tokens) fail_unknown(step, splats_, tokens_);
        }
        const Kinds left = {left_.splats && kinds.splats, left_.tokens && kinds.tokens};
        if (!left.splats && !left.tokens)
            fail_usage(
                "at column {} '{}' is of {} and '{}' before it of {}: one expression asks "
                "either splats or tokens.",
                step.column, step.text, kinds.splats ? "splats" : "tokens", deciding_,
                left_.splats ? "splats" : "tokens");
        if (left.splats != left_.splats || left.tokens != left_.tokens || deciding_.empty())
            deciding_ = step.text;
        left_ = left;
        step.text.erase(0, prefix.size());
    }

    [[nodiscard]] bool of_splats() const {
        if (deciding_.empty())
            fail_usage("the expression names no property: splats have {}; tokens have {}.",
                       splats_.empty() ? "none yet" : list_of(splats_), list_of(tokens_));
        if (left_.splats && left_.tokens)
            fail_usage("splats and tokens have '{}': write splat.{} or token.{}.", deciding_,
                       deciding_, deciding_);
        return left_.splats;
    }

  private:
    std::span<const Field> splats_;
    std::span<const Field> tokens_;
    std::span<const Constant> constants_;
    Kinds left_;
    std::string deciding_;  // the name that left these
};

std::array<Constant, 3> constants_of(const Snapshot& snapshot) {
    const std::size_t k = snapshot.registry ? snapshot.registry->size() : 0;
    const std::size_t n = snapshot.dataset ? snapshot.dataset->size() : 0;
    return {{{"k", static_cast<double>(k)},
             {"n", static_cast<double>(n)},
             {"cycle", static_cast<double>(snapshot.cycle)}}};
}

}  // namespace

Found find_where(const Snapshot& snapshot, std::string_view expression) {
    Expression parsed = parse_expression(expression);
    const std::vector<Field> splats = splat_fields(snapshot);
    const std::vector<Field> tokens = token_fields(snapshot);
    const std::size_t k = splats.empty() ? 0 : snapshot.registry->size();
    const std::size_t n = tokens.empty() ? 0 : snapshot.dataset->size();
    const std::array<Constant, 3> constants = constants_of(snapshot);
    Chooser chooser(splats, tokens, constants);
    for (Step& step : parsed.steps)
        if (step.op == Op::name) chooser.meet(step);
    Found found;
    found.splats = chooser.of_splats();
    found.which =
        holds_for(parsed, found.splats ? splats : tokens, constants, found.splats ? k : n);
    return found;
}

std::vector<std::size_t> find_rows(const Snapshot& snapshot, Things things,
                                   std::span<const Field> fields, std::size_t count,
                                   std::string_view expression) {
    Expression parsed = parse_expression(expression);
    const std::array<Constant, 3> constants = constants_of(snapshot);
    const std::string prefix = std::string(name_of(things)) + ".";
    for (Step& step : parsed.steps) {
        if (step.op != Op::name || has(fields, step.text) ||
            std::any_of(constants.begin(), constants.end(),
                        [&](const Constant& each) { return each.name == step.text; }))
            continue;
        const std::string_view rest =
            std::string_view(step.text).substr(std::min(prefix.size(), step.text.size()));
        if (!step.text.starts_with(prefix) || !has(fields, rest))
            fail_usage(
                "at column {} there is no property '{}' (words stand in quotes): {}s have {}; k, n "
                "and cycle are numbers.",
                step.column, step.text, name_of(things),
                fields.empty() ? "none yet" : list_of(fields));
        step.text.erase(0, prefix.size());
    }
    return holds_for(parsed, fields, constants, count);
}

}  // namespace hsa
