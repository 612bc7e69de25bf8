#include "engine/explain/attributions.h"

#include "engine/attention/cells.h"
#include "engine/core/json_number.h"
#include "engine/core/largest.h"
#include "engine/core/parallel.h"
#include "engine/explain/answer_parts.h"
#include "engine/io/csv.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kRowsAtOnce = 64;

std::string splat_text(SplatId splat) {
    return splat == kNoSplat ? std::string("background") : std::to_string(splat);
}

std::string level_text(const Snapshot& snapshot, std::uint16_t level) {
    const Hierarchy& hierarchy = snapshot.registry->hierarchy;
    return level < hierarchy.size() ? hierarchy.levels[level].name : std::string();
}

}  // namespace

std::vector<Attribution> attributions(const Factors& factors, Range tokens, std::size_t count,
                                      const AttentionSettings& settings, const Work& work) {
    std::vector<Attribution> all(tokens.size());
    Matrix<float> rows(kRowsAtOnce, factors.tokens());
    for (std::size_t begin = tokens.begin; begin < tokens.end; begin += kRowsAtOnce) {
        work.check();
        work.report("attributions",
                    static_cast<double>(begin - tokens.begin) / static_cast<double>(tokens.size()));
        const std::size_t size = std::min(kRowsAtOnce, tokens.end - begin);
        std::vector<std::uint32_t> indices(size);
        std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
        attention_rows(factors, indices, settings, rows.view().block(0, size));
        parallel_for(size, [&](std::size_t r) {
            Attribution& one = all[begin - tokens.begin + r];
            one.token = indices[r];
            const FactorRow p = factors.p.row(begin + r);
            for (const std::uint32_t c : largest({p.data(), factors.columns()}, count))
                if (p[c] > 0.0F) one.splats.push_back({factors.ids[c], factors.level[c], p[c]});
            const std::span<const float> row = std::as_const(rows).row(r);
            for (const std::uint32_t j : largest(row, count))
                if (row[j] > 0.0F) one.to.emplace_back(j, row[j]);
        });
    }
    return all;
}

std::string write_attributions(const Snapshot& snapshot, const std::vector<Attribution>& all) {
    std::string out;
    for (const Attribution& one : all) {
        ordered_json line = {{"index", one.token},
                             {"text", snapshot.dataset->token_text(one.token)},
                             {"splats", ordered_json::array()},
                             {"to", ordered_json::array()}};
        for (const WeightedSplat& splat : one.splats)
            line["splats"].push_back({{"splat", splat_json(splat.splat)},
                                      {"level", level_json(snapshot, splat.level)},
                                      {"p", json_number(splat.p)}});
        for (const auto& [token, value] : one.to)
            line["to"].push_back({{"index", token},
                                  {"text", snapshot.dataset->token_text(token)},
                                  {"value", json_number(value)}});
        out += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
        out += '\n';
    }
    return out;
}

std::string write_attributions_csv(const Snapshot& snapshot, const std::vector<Attribution>& all) {
    std::string out = "index,text,kind,rank,id,name,value\n";
    for (const Attribution& one : all) {
        const std::string head =
            fmt::format("{},{}", one.token, csv_field(snapshot.dataset->token_text(one.token)));
        std::size_t rank = 0;
        for (const WeightedSplat& splat : one.splats)
            out += fmt::format("{},splat,{},{},{},{}\n", head, ++rank, splat_text(splat.splat),
                               csv_field(level_text(snapshot, splat.level)), splat.p);
        rank = 0;
        for (const auto& [token, value] : one.to)
            out += fmt::format("{},token,{},{},{},{}\n", head, ++rank, token,
                               csv_field(snapshot.dataset->token_text(token)), value);
    }
    return out;
}

}  // namespace hsa
