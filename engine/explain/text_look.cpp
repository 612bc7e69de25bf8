#include "engine/explain/text_look.h"

#include "engine/explain/fields.h"
#include "engine/explain/linked.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kNeighbours = 3;
constexpr double kTrimmed = 0.02;
constexpr double kManyTimes = 50.0;

void set_range(TokenNumbers& numbers) {
    std::vector<float> finite;
    finite.reserve(numbers.values.size());
    for (const float value : numbers.values)
        if (std::isfinite(value)) finite.push_back(value);
    if (finite.empty()) {
        numbers.fault = fmt::format("No token has a number {} here.", numbers.name);
        return;
    }
    const auto at = [&](double share) {
        const auto place = finite.begin() + static_cast<std::ptrdiff_t>(std::llround(
                                                share * static_cast<double>(finite.size() - 1)));
        std::nth_element(finite.begin(), place, finite.end());
        return static_cast<double>(*place);
    };
    numbers.low = at(kTrimmed);
    numbers.high = at(1.0 - kTrimmed);
    if (!(numbers.low < numbers.high)) {  // most are the same
        numbers.low = at(0.0);
        numbers.high = at(1.0);
    }
    numbers.logarithmic = at(0.0) > 0.0 && numbers.high > kManyTimes * numbers.low;
    if (!(numbers.low < numbers.high)) numbers.high = numbers.low + 1.0;
}

}  // namespace

TokenNumbers token_numbers(const Snapshot& snapshot, const std::string& name) {
    TokenNumbers numbers;
    numbers.name = name;
    std::vector<std::string> known;
    for (const Field& field : token_fields(snapshot)) {
        if (field.words) continue;
        known.push_back(written_name(field.name));
        if (!means(name, field)) continue;
        const std::vector<double> values = field.numbers();
        numbers.name = field.name;
        numbers.unit = field.unit;
        numbers.values.resize(values.size());
        std::transform(values.begin(), values.end(), numbers.values.begin(),
                       [](double value) { return static_cast<float>(value); });
        set_range(numbers);
        return numbers;
    }
    numbers.fault =
        fmt::format("Tokens have no number '{}': there are {}.", name, fmt::join(known, ", "));
    return numbers;
}

TextLook text_look(const Snapshot& snapshot, const TextWanted& wanted, const TextLook* previous,
                   const Work& work) {
    TextLook look;
    look.wanted = wanted;
    if (!wanted.number.empty() && snapshot.dataset) {
        const bool known = previous != nullptr && previous->numbers != nullptr &&
                           previous->wanted.number == wanted.number;
        look.numbers =
            known ? previous->numbers
                  : std::make_shared<const TokenNumbers>(token_numbers(snapshot, wanted.number));
    }
    if (!snapshot.factors || !snapshot.factors_exact) return look;
    const Factors& factors = *snapshot.factors;
    const Range page{std::min(wanted.page.begin, factors.tokens()),
                     std::min(wanted.page.end, factors.tokens())};
    if (wanted.links > 0 && !page.empty()) {
        const bool known = previous != nullptr && previous->links != nullptr &&
                           previous->wanted.page == wanted.page &&
                           previous->wanted.links == wanted.links;
        look.links = known ? previous->links
                           : std::make_shared<const StrongestPairs>(strongest_pairs(
                                 factors, wanted.links, work, {{page}, {page}, kNeighbours}));
    }
    if (wanted.token && *wanted.token < factors.tokens()) {
        const bool known = previous != nullptr && previous->token != nullptr &&
                           previous->wanted.token == wanted.token &&
                           previous->wanted.towards == wanted.towards;
        const Range one{*wanted.token, *wanted.token + std::size_t{1}};
        look.token = known ? previous->token
                           : std::make_shared<const std::vector<float>>(
                                 wanted.towards ? tint_to(factors, std::span(&one, 1))
                                                : tint_from(factors, std::span(&one, 1)));
    }
    return look;
}

}  // namespace hsa
