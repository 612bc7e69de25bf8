#include "app/commands/table.h"
#include "app/widgets/theme.h"
#include "engine/adapt/shift.h"
#include "engine/attention/causal.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/packed_factors.h"
#include "engine/core/error.h"
#include "engine/core/stratified.h"
#include "engine/core_choice.h"
#include "engine/corpus.h"
#include "engine/explain/answers.h"
#include "engine/explain/attributions.h"
#include "engine/io/csv.h"
#include "engine/io/events_jsonl.h"
#include "engine/io/file.h"
#include "engine/io/gaussian_ply.h"
#include "engine/io/json.h"
#include "engine/io/mapped_file.h"
#include "engine/io/npy.h"
#include "engine/io/splats_binary.h"
#include "engine/io/splats_json.h"
#include "engine/model/eight_bits.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace splatscope {
namespace {

using nlohmann::json;

hsa::Existing existing(bool overwrite) {
    return overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
}

json saved(const char* command, const std::string& path) {
    return {{"command", command}, {"version", 1}, {"mark", "exact"}, {"path", path}};
}

json save_attention(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("attention.save", args, 1, 3);
    need_factors(context.snapshot);
    const std::size_t n = context.snapshot.factors->tokens();
    hsa::Block block{{0, n}, {0, n}};
    if (args.size() > 1) block.rows = parse_range(args[1], n);
    if (args.size() > 2) block.columns = parse_range(args[2], n);
    hsa::check_writable(args[0], existing(overwrite));
    const hsa::Matrix<float> dense =
        hsa::attention_block(*context.snapshot.factors, block, context.session.document.attention);
    hsa::write_file(args[0], hsa::write_npy(dense.view()), existing(overwrite));
    json answer = saved("attention.save", args[0]);
    answer["shape"] = json::array({dense.rows(), dense.cols()});
    return answer;
}

json save_factors(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("factors.save", args, 2, 2);
    need_factors(context.snapshot);
    const hsa::Factors& factors = *context.snapshot.factors;
    for (const std::string& path : args) hsa::check_writable(path, existing(overwrite));
    hsa::Matrix<float> k(factors.columns(), factors.tokens());
    for (std::size_t j = 0; j < factors.tokens(); ++j)
        for (std::size_t s = 0; s < factors.columns(); ++s) k(s, j) = factors.k(j, s);
    const hsa::FactorBlock p = factors.p.block(0, factors.p.rows());
    hsa::write_file(args[0], hsa::write_npy(p.view()), existing(overwrite));
    hsa::write_file(args[1], hsa::write_npy(std::as_const(k).view()), existing(overwrite));
    json answer = saved("factors.save", args[0]);
    answer["ids"] = json::array();
    for (const hsa::SplatId id : factors.ids)
        answer["ids"].push_back(id == hsa::kNoSplat ? json("background") : json(id));
    answer["causal"] = factors.causal != nullptr;
    if (factors.causal)
        answer["rows"] = "A[i,j] = sum over s of P[i,s] K[s,j] / sum(K[s,:i+1]) for j <= i, else 0";
    answer["near_pairs"] = factors.near ? factors.near->set.pairs() : 0;
    if (factors.near)
        answer["rows"] =
            "P is scaled by row; A = P K plus what exact pairs add, which is in no file: "
            "attention.save writes A";
    return answer;
}

// O = A V. A causal one comes from the stream, whose rows do not depend on what follows, to the
// bit.
hsa::Matrix<float> output_of(const QuestionContext& context, hsa::MatrixView<const float> values) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::LevelMask& mask = context.session.document.mask;
    if (!snapshot.causal || context.session.document.attention.splats_per_token > 0 ||
        snapshot.registry->form != hsa::Form::token || snapshot.factors->near ||
        !mask.temperature.empty())
        return hsa::attend(*snapshot.factors, values, &context.backend);
    hsa::CausalOptions options;
    options.temperature = snapshot.temperature;
    options.mask = mask;
    return hsa::causal_attend(context.backend, *snapshot.registry, *snapshot.coordinates, values,
                              options, context.work)
        .outputs;
}

// The same; where what is shown is the attention that the target stands for, a diffuse head's go
// through a signed core.
hsa::Outputs outputs_of(const QuestionContext& context, hsa::MatrixView<const float> values) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const bool as_fitted = snapshot.target && snapshot.registry->form != hsa::Form::token &&
                           !snapshot.causal && !snapshot.factors->near &&
                           snapshot.temperature == 1.0 &&
                           request_of(context.session).mask == hsa::LevelMask{};
    if (as_fitted)
        return hsa::outputs_through_core(*snapshot.factors, *snapshot.target, values,
                                         context.session.document.splats.seed, context.work);
    hsa::Outputs outputs;
    outputs.values = output_of(context, values);
    return outputs;
}

json save_output(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("output.save", args, 2, 2);
    need_factors(context.snapshot);
    hsa::check_writable(args[1], existing(overwrite));
    const hsa::NpyMatrix values = hsa::read_npy(args[0], hsa::read_file(args[0]));
    if (values.values.rows() != context.snapshot.factors->tokens())
        hsa::fail("{}: the values have {} rows and the data {} tokens: one row a token is needed.",
                  args[0], values.values.rows(), context.snapshot.factors->tokens());
    const hsa::Outputs out = outputs_of(context, values.values.view());
    hsa::write_file(args[1], hsa::write_npy(out.values.view()), existing(overwrite));
    json answer = saved("output.save", args[1]);
    answer["shape"] = json::array({out.values.rows(), out.values.cols()});
    if (out.with_core) answer["mark"] = "approximate";
    if (out.core) answer["core"] = *out.core;
    return answer;
}

void check_splats_name(const char* command, const std::string& path) {
    if (!path.ends_with(".json") && !path.ends_with(".splats"))
        hsa::fail("{} {}: the name must end in .json or .splats, which says the format.", command,
                  path);
}

std::string splats_text(const std::string& path, const hsa::SplatRegistry& registry,
                        hsa::Parameters parameters = hsa::Parameters::float32) {
    return path.ends_with(".json") ? hsa::write_splats_json(registry)
                                   : hsa::write_splats_binary(registry, parameters);
}

// What A loses by the registry's Gaussians in 8 bits, on some tokens where there are many.
json eight_bit_error(const QuestionContext& context) {
    constexpr std::size_t kTokens = 4096;
    const hsa::Snapshot& snapshot = context.snapshot;
    const std::vector<std::uint32_t> rows =
        hsa::stratified_rows(snapshot.coordinates->size(), kTokens);
    const auto factors = [&](const hsa::SplatRegistry& registry) {
        return hsa::compute_factors_of_rows(context.backend, registry, *snapshot.coordinates, rows,
                                            {snapshot.temperature, 0, {}}, context.work);
    };
    const hsa::PackingError error = hsa::row_error(factors(*snapshot.registry),
                                                   factors(hsa::in_eight_bits(*snapshot.registry)));
    return {{"rows", error.rows}, {"l1", error.l1}, {"most_l1", error.most_l1}, {"kl", error.kl}};
}

// The splats as the 3-D view has them: in the colours of their levels, those more used denser.
std::vector<hsa::PlySplat> drawn_splats(const hsa::Snapshot& snapshot) {
    const hsa::SplatRegistry& registry = *snapshot.registry;
    const hsa::Layout& layout = *snapshot.layout;
    std::vector<hsa::PlySplat> splats(registry.size());
    for (std::size_t s = 0; s < splats.size(); ++s) {
        const std::size_t level = registry.level[s];
        const Colour colour = level_colour(level);
        const double mean = snapshot.measures->levels[level].usage /
                            static_cast<double>(snapshot.measures->levels[level].splats);
        const double used = mean > 0.0 ? snapshot.measures->usage[s] / mean : 1.0;
        hsa::PlySplat& splat = splats[s];
        std::copy_n(layout.centres.row(s).begin(), 3, splat.centre.begin());
        std::copy_n(layout.covariances.row(s).begin(), 6, splat.covariance.begin());
        const std::array<std::uint8_t, 3> bytes = {colour.r, colour.g, colour.b};
        for (std::size_t c = 0; c < 3; ++c) splat.colour[c] = static_cast<float>(bytes[c]) / 255.0F;
        splat.opacity = static_cast<float>(std::clamp(0.5 * used, 0.05, 0.95));
    }
    return splats;
}

json save_ply(const QuestionContext& context, const std::string& path, bool overwrite) {
    if (!context.snapshot.layout)
        hsa::fail("splats.save {}: the 3-D layout of these splats was not computed.", path);
    const std::string bytes = hsa::write_gaussian_ply(drawn_splats(context.snapshot));
    hsa::write_file(path, bytes, existing(overwrite));
    json answer = saved("splats.save", path);
    answer["mark"] = "approximate";  // three dimensions of all
    answer["splats"] = context.snapshot.registry->size();
    answer["bytes"] = bytes.size();
    answer["axes"] = context.snapshot.layout->axes_name;
    return answer;
}

json save_splats(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("splats.save", args, 1, 2);
    need_factors(context.snapshot);
    const std::string& path = args[0];
    if (args.size() == 1 && path.ends_with(".ply")) return save_ply(context, path, overwrite);
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    check_splats_name("splats.save", path);
    const bool few = args.size() == 2;
    if (few && args[1] != "8bit")
        hsa::fail_usage("splats.save takes 8bit after the path, not '{}'.", args[1]);
    if (few && path.ends_with(".json"))
        hsa::fail("splats.save {}: .json holds decimals; 8bit is for a name that ends in .splats.",
                  path);
    hsa::SplatRegistry whole = registry;
    whole.covered = hsa::covered_by(context.backend, *context.snapshot.coordinates, registry, 1.0,
                                    context.work);
    const std::string bytes =
        splats_text(path, whole, few ? hsa::Parameters::bits8 : hsa::Parameters::float32);
    hsa::write_file(path, bytes, existing(overwrite));
    json answer = saved("splats.save", path);
    answer["splats"] = registry.size();
    answer["bytes"] = bytes.size();
    if (few) answer["row_error"] = eight_bit_error(context);
    return answer;
}

// Splats of many files, which need no data open.
json save_corpus(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("splats.corpus", args, 2, 100000);
    const std::string& path = args[0];
    check_splats_name("splats.corpus", path);
    hsa::check_writable(path, existing(overwrite));
    const Document& document = context.session.document;
    hsa::CorpusOptions options;
    options.init = document.init;
    options.splats = document.splats;
    options.coordinates = document.coordinates;
    options.embed = document.embed;
    const hsa::Corpus corpus = hsa::corpus_splats(context.backend, std::span(args).subspan(1),
                                                  options, context.read_sample, context.work);
    hsa::write_file(path, splats_text(path, corpus.registry), existing(overwrite));
    json answer = saved("splats.corpus", path);
    if (corpus.rows_used < corpus.rows) answer["mark"] = "approximate";
    answer["files"] = corpus.files;
    answer["rows"] = corpus.rows;
    answer["rows_used"] = corpus.rows_used;
    answer["dimension"] = corpus.dimension;
    answer["levels"] = json::object();
    for (std::size_t l = 0; l < corpus.registry.hierarchy.size(); ++l)
        answer["levels"][corpus.registry.hierarchy.levels[l].name] = corpus.registry.count(l);
    return answer;
}

json save_measures(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("measures.save", args, 1, 1);
    need_factors(context.snapshot);
    hsa::write_file(args[0], hsa::json_text(hsa::answer_measures(context.snapshot), 2) + "\n",
                    existing(overwrite));
    return saved("measures.save", args[0]);
}

json save_events(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("events.save", args, 1, 1);
    need_factors(context.snapshot);
    hsa::write_file(args[0], hsa::write_events(*context.snapshot.history), existing(overwrite));
    return saved("events.save", args[0]);
}

json save_tokens(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("tokens.save", args, 1, 1);
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    hsa::write_file(
        args[0],
        args[0].ends_with(".csv") ? hsa::write_tokens_csv(dataset) : hsa::write_tokens(dataset),
        existing(overwrite));
    return saved("tokens.save", args[0]);
}

json save_embeddings(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("embeddings.save", args, 1, 1);
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    if (dataset.embeddings.rows.empty())
        hsa::fail("embeddings.save: these data have no vectors yet.");
    const std::string bytes = args[0].ends_with(".csv") ? hsa::write_embeddings_csv(dataset)
                                                        : hsa::write_npy(dataset.embeddings.rows);
    hsa::finish_reading(dataset.embeddings.owner);
    hsa::write_file(args[0], bytes, existing(overwrite));
    return saved("embeddings.save", args[0]);
}

// Of every token, or of a range.
json save_attributions(const QuestionContext& context, const Args& args, bool overwrite) {
    constexpr std::size_t kListed = 8;
    expect_count("attributions.save", args, 1, 2);
    need_factors(context.snapshot);
    const hsa::Factors& factors = *context.snapshot.factors;
    hsa::Range tokens{0, factors.tokens()};
    if (args.size() > 1) tokens = parse_range(args[1], factors.tokens());
    hsa::check_writable(args[0], existing(overwrite));
    const std::vector<hsa::Attribution> all = hsa::attributions(
        factors, tokens, kListed, context.session.document.attention, context.work);
    hsa::write_file(args[0],
                    args[0].ends_with(".csv") ? hsa::write_attributions_csv(context.snapshot, all)
                                              : hsa::write_attributions(context.snapshot, all),
                    existing(overwrite));
    json answer = saved("attributions.save", args[0]);
    if (factors.mark != hsa::Mark::exact) answer["mark"] = "approximate";
    answer["tokens"] = all.size();
    return answer;
}

}  // namespace

std::vector<CommandRow> save_commands() {
    return {
        file_row("attention.save", "PATH.npy [ROWS] [COLUMNS] [overwrite]",
                 "writes the dense part of A as float32", save_attention),
        file_row("factors.save", "P.npy K.npy [overwrite]",
                 "writes P [n, k] and K [k, n]; prints the ids of the columns", save_factors),
        file_row("output.save", "VALUES.npy OUT.npy [overwrite]",
                 "writes O = A V without forming A; of a diffuse head through a signed core",
                 save_output),
        file_row(
            "splats.save", "PATH.json|PATH.splats [8bit]|PATH.ply [overwrite]",
            "writes the splats of the cycle shown; 8bit: centres and variances in a byte each, "
            "and what that does to rows of attention; .ply: as the 3-D view has them, for viewers "
            "of Gaussian splats",
            save_splats),
        file_row("splats.corpus", "PATH.splats FILE... [overwrite]",
                 "writes one file of splats for many files of vectors of one model (of at most "
                 "262,144 of their rows), to be opened on others; splats fitted here are better "
                 "than splats carried over",
                 save_corpus),
        file_row("measures.save", "PATH.json [overwrite]", "writes the measures of the cycle shown",
                 save_measures),
        file_row("events.save", "PATH.jsonl [overwrite]",
                 "writes all events and refused trials, one a line", save_events),
        file_row("tokens.save", "PATH.jsonl|PATH.csv [overwrite]",
                 "writes the tokens with their bytes, sentence, paragraph and section",
                 save_tokens),
        file_row("embeddings.save", "PATH.npy|PATH.csv [overwrite]",
                 "writes the vectors of the tokens", save_embeddings),
        file_row("attributions.save", "PATH.jsonl|PATH.csv [TOKENS] [overwrite]",
                 "writes for every token the 8 splats it speaks through most and the 8 tokens it "
                 "attends to most",
                 save_attributions),
    };
}

}  // namespace splatscope
