#include "engine/explain/expression.h"

#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kThings = 5;

const std::vector<hsa::Field>& fields() {
    static const std::vector<hsa::Field> all = {
        {"usage",
         [] {
             return std::vector<double>{0.0, -1.5, 3e8, std::nan(""), 0.25};
         },
         {}},
        {"parent share", [] { return std::vector<double>(kThings, 0.5); }, {}},
        {"level", {}, [](std::size_t thing) { return std::string(thing, 'T'); }}};
    return all;
}

std::vector<std::size_t> which(const std::string& text) {
    const std::vector<hsa::Constant> constants = {{"k", 5.0}, {"n", 0.0}};
    return hsa::holds_for(hsa::parse_expression(text), fields(), constants, kThings);
}

}  // namespace

// What is accepted holds for a thing or does not, and its opposite for all others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::bytes_of(data, size));
    fuzz::allow_errors([&] {
        const std::vector<std::size_t> found = which(text);
        fuzz::require(
            std::is_sorted(found.begin(), found.end()) && (found.empty() || found.back() < kThings),
            "indices of things, rising");
        std::vector<std::size_t> rest;
        try {
            rest = which("!(" + text + ")");
        } catch (const hsa::Error&) {
            return;  // one deeper or three bytes longer than may be
        }
        std::vector<std::size_t> all = found;
        all.insert(all.end(), rest.begin(), rest.end());
        std::sort(all.begin(), all.end());
        fuzz::require(all == std::vector<std::size_t>{0, 1, 2, 3, 4}, "holds or does not");
    });
    return 0;
}
