#include "app/commands/table.h"
#include "app/settings.h"
#include "engine/core/error.h"
#include "engine/core_choice.h"
#include "engine/embed/head.h"
#include "engine/explain/answer_parts.h"
#include "engine/head_fits.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "engine/model/heads.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

// Every head of the data at once.
namespace splatscope {
namespace {

using nlohmann::json;

json head_lines(const char* command, std::vector<json> lines) {
    json answer = hsa::result_json(command, hsa::Mark::approximate);
    answer["heads"] = std::move(lines);
    return answer;
}

json fit(const QuestionContext& context, const Args& args) {
    expect_count("heads.fit", args, 0, 0);
    need_dataset(context.snapshot);
    std::vector<json> lines(hsa::head_count(*context.snapshot.dataset));
    hsa::fit_every_head(
        context.backend, request_of(context.session), context.snapshot.dataset,
        [&](const hsa::FittedHead& head) { lines[head.index] = hsa::fitted_head_json(head); },
        context.work);
    return head_lines("heads.fit", std::move(lines));
}

json save_outputs(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("heads.output", args, 1, 1);
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    if (dataset.head && dataset.head->values.cols() == 0)
        hsa::fail("{} holds no values: open a .npz with 'queries', 'keys' and 'values'.",
                  dataset.source);
    const hsa::Existing existing = overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    hsa::check_writable(args[0], existing);
    const hsa::Request request = request_of(context.session);
    const std::size_t heads = hsa::head_count(dataset);
    std::vector<json> lines(heads);
    std::vector<hsa::Matrix<float>> outputs(heads);
    hsa::fit_every_head(
        context.backend, request, context.snapshot.dataset,
        [&](const hsa::FittedHead& head) {
            const auto values = head.dataset->head->values.view();
            json& line = lines[head.index] = hsa::fitted_head_json(head);
            hsa::Outputs out = hsa::outputs_of(head, values, request.splats.seed, context.work);
            if (out.core) line["core"] = *out.core;
            outputs[head.index] = std::move(out.values);
        },
        context.work);
    const std::size_t layers = dataset.heads ? dataset.heads->layers() : 1;
    hsa::write_file(args[0], hsa::write_npy(outputs, layers), existing);
    json answer = head_lines("heads.output", std::move(lines));
    answer["path"] = args[0];
    answer["shape"] =
        json::array({layers, heads / layers, outputs.front().rows(), outputs.front().cols()});
    return answer;
}

// heads.show LAYER HEAD [FORM], or `states` for what stands after a layer.
void show(const ChangeContext& context, const Args& args) {
    expect_count("heads.show", args, 2, 3);
    set_setting(context.session, "embed.layer", args[0]);
    if (args[1] == "states") reset_setting(context.session, "embed.head");
    else set_setting(context.session, "embed.head", args[1]);
    if (args.size() == 3) set_setting(context.session, "attention.form", args[2]);
}

std::size_t parse_index(const char* what, const std::string& text) {
    std::size_t index = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("heads.save takes the number of a {}, counted from 0, not '{}'.", what,
                        text);
    return index;
}

// Q, K and V of one head, as the file or model has them.
json save_head(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("heads.save", args, 3, 3);
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    const hsa::HeadIndex at{parse_index("layer", args[0]), parse_index("head", args[1])};
    if (!dataset.heads && !dataset.head)
        hsa::fail(
            "heads.save: {} has no heads: open a .npz with queries and keys, or a text with a "
            "model.",
            dataset.source);
    if (dataset.heads) hsa::check_head(dataset, at);
    else if (at != hsa::HeadIndex{})
        hsa::fail("heads.save: {} holds one head: 0 0.", dataset.source);
    const std::shared_ptr<const hsa::HeadRows> head =
        dataset.heads ? dataset.heads->rows(at.layer, at.head) : dataset.head;
    std::vector<std::pair<std::string, const hsa::Matrix<float>*>> files = {
        {"q.npy", &head->queries}, {"k.npy", &head->keys}};
    if (!head->values.empty()) files.emplace_back("v.npy", &head->values);
    const hsa::Existing existing = overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    const std::filesystem::path folder = args[2];
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) hsa::fail("{}: this folder cannot be made ({}).", args[2], fault.message());
    for (const auto& file : files) hsa::check_writable((folder / file.first).string(), existing);
    json answer = hsa::result_json("heads.save", hsa::Mark::exact);
    answer["path"] = args[2];
    answer["files"] = json::array();
    for (const auto& [name, values] : files) {
        hsa::write_file((folder / name).string(), hsa::write_npy(values->view()), existing);
        answer["files"].push_back(
            {{"name", name}, {"shape", json::array({values->rows(), values->cols()})}});
    }
    return answer;
}

}  // namespace

std::vector<CommandRow> head_commands() {
    return {
        change_row("heads.show", "LAYER HEAD|states [FORM]",
                   "opens a head of the model, or the states after a layer, in every view", "",
                   show),
        question_row("heads.fit", "[to PATH]",
                     "fits splats to every head of the data and prints what each reaches", fit),
        file_row("heads.output", "OUT.npy [overwrite]",
                 "fits splats to every head and writes O = A V of all, [layers, heads, n, v]",
                 save_outputs),
        file_row("heads.save", "LAYER HEAD FOLDER [overwrite]",
                 "writes q.npy, k.npy and v.npy of a head of the data into a folder", save_head),
    };
}

}  // namespace splatscope
