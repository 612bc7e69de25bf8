#include "app/options.h"

#include "app/setting_values.h"
#include "engine/core/error.h"
#include "engine/io/file.h"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace splatscope {
namespace {

constexpr const char* kVersion = "splatscope 0.1.0";

// Options that come in an order CLI11 does not keep: --export, -o, --size belong together as they
// stand.
struct Ordered {
    std::vector<ExportOption> exports;
    std::vector<std::string> rest;  // all other words, for CLI11
};

Ordered take_exports(int argc, const char* const* argv) {
    Ordered ordered;
    for (int a = 1; a < argc; ++a) {
        std::string word = argv[a];
        std::string value;
        const std::size_t equals = word.find('=');
        if (word.starts_with("--") && equals != std::string::npos) {
            value = word.substr(equals + 1);
            word.resize(equals);
        }
        const bool ours = word == "--export" || word == "-o" || word == "--size";
        if (!ours) {
            ordered.rest.emplace_back(argv[a]);
            continue;
        }
        if (value.empty()) {
            if (a + 1 >= argc) hsa::fail_usage("{} needs a value after it.", word);
            value = argv[++a];
        }
        if (word == "--export") {
            ordered.exports.push_back({value, "", ""});
            continue;
        }
        if (ordered.exports.empty())
            hsa::fail_usage("{} {} stands before any --export it could belong to.", word, value);
        (word == "-o" ? ordered.exports.back().path : ordered.exports.back().size) = value;
    }
    return ordered;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
    Options options;
    Ordered ordered = take_exports(argc, argv);
    options.exports = std::move(ordered.exports);
    CLI::App app{
        "See attention: a text or a file of embeddings, its Gaussian splats, their tree, the "
        "attention map, "
        "the events of adaptation and the words, all linked.",
        "splatscope"};
    app.footer(
        "Pictures: --export VIEW [-o PATH.png|.svg|.pdf] [--size WxH], as often as wanted; VIEW is "
        "window, splats, tree,\n"
        "map, timeline, text, inspector, distributions, table, measures, flow, levels, health, "
        "heads, beside, change or\n"
        "compare (--list-views says what each shows). Samples: sample:voyage, sample:creatures, "
        "sample:adapted.\n"
        "Settings, layout, recent files and what is saved by itself: $SPLATSCOPE_HOME, else "
        "$XDG_CONFIG_HOME/splatscope,\n"
        "else ~/.config/splatscope; runs without a window read them only with --profile.\n"
        "Models: by name in the folders of $SPLATSCOPE_MODELS, else in $SPLATSCOPE_HOME/models, "
        "else in\n"
        "$XDG_DATA_HOME/splatscope/models or ~/.local/share/splatscope/models. What a model made "
        "of a text is kept\n"
        "in $SPLATSCOPE_CACHE (empty: nowhere), else in $XDG_CACHE_HOME/splatscope or "
        "~/.cache/splatscope, at most 4 GiB.\n"
        "Exit codes: 0 ok, 1 input or file, 2 usage, 3 nothing can draw, 4 expect differs, 70 "
        "fault, 130 interrupted.");
    app.add_option(
        "FILE", options.files,
        "a text, an embedding file, splats, a run or a session; - is standard input; sample:NAME");
    app.add_option("-c", options.commands, "runs a command (may be repeated)")
        ->allow_extra_args(false);
    app.add_option("--run", options.scripts, "runs the commands of a file")
        ->allow_extra_args(false);
    app.add_option("--set", options.settings, "NAME=VALUE gives a setting a value")
        ->allow_extra_args(false);
    app.add_flag("--headless", options.headless, "no window");
    app.add_option("--backend", options.backend,
                   "auto, cuda, opengl or cpu computes, as compute.backend; one that cannot be had "
                   "ends the run")
        ->check(CLI::IsMember({"auto", "cuda", "opengl", "cpu"}));
    app.add_option("--threads", options.threads, "worker threads; 0 = one a core");
    app.add_flag("--force", options.force, "pictures and files may replace what is there");
    app.add_flag("--watch", options.watch,
                 "reads open files again when they change; without a window answers and pictures "
                 "are made anew each time, until Ctrl+C");
    app.add_option("--profile", options.profile,
                   "folder of user settings; without a window none is read unless this names one");
    app.add_flag("--quiet", options.quiet, "no progress on standard error");
    app.add_option("--log", options.log, "error, warning, info or debug")
        ->check(CLI::IsMember({"error", "warning", "info", "debug"}));
    app.add_flag("--diagnose", options.diagnose, "says what this machine offers");
    app.add_flag("--licences", options.licences, "names every work that is part of the program");
    app.add_flag("--json", options.json, "lists for machines");
    for (const char* list : {"commands", "settings", "bindings", "views", "formats"})
        app.add_flag_callback(
            fmt::format("--list-{}", list), [&options, list] { options.lists.emplace_back(list); },
            fmt::format("prints the table of {}", list));
    app.set_version_flag("--version", kVersion);
    std::reverse(ordered.rest.begin(), ordered.rest.end());
    try {
        app.parse(ordered.rest);
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        options.done = true;
    } catch (const CLI::CallForVersion&) {
        std::puts(kVersion);
        options.done = true;
    } catch (const CLI::ParseError& error) {
        std::string what = error.what();
        while (what.ends_with('.')) what.pop_back();
        hsa::fail_usage("{}. --help shows what is possible.", what);
    }
    return options;
}

std::vector<std::string> command_lines(const Options& options) {
    std::vector<std::string> lines;
    for (const std::string& file : options.files) lines.push_back("open " + quote_word(file));
    if (options.watch) lines.emplace_back("set watch true");
    for (const std::string& setting : options.settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos) hsa::fail_usage("--set {}: expected NAME=VALUE.", setting);
        lines.push_back(fmt::format("set {} {}", quote_word(setting.substr(0, equals)),
                                    quote_word(setting.substr(equals + 1))));
    }
    lines.insert(lines.end(), options.commands.begin(), options.commands.end());
    for (const std::string& script : options.scripts) {
        std::string text = hsa::read_file(script);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            lines.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    for (const ExportOption& picture : options.exports) {
        const std::string path = picture.path.empty() ? picture.view + ".png" : picture.path;
        lines.push_back(fmt::format("view.export {} {} {}{}", quote_word(picture.view),
                                    quote_word(path), picture.size,
                                    options.force ? " overwrite" : ""));
    }
    return lines;
}

}  // namespace splatscope
