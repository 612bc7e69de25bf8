#include "tests/layers/include_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace splatscope::layers {
namespace {

struct Layer {
    std::string_view name;
    std::vector<std::string_view>
        paths;  // a folder ends with /; a file has its ending, or none for .h and .cpp alike
    std::vector<std::string_view> may_include;  // besides itself; what those may include, too
};

// core <- model <- {io <- embed, compute <- attention <- {{adapt, explain} <- recover, {adapt, fit}
// <- prune}} <- engine
// <- session <- {commands, history} <- runner <- shell <- main; render, widgets <- views <- shell.
// Answers of explain are JSON, so it may use io; the session names themes and colour maps, so it
// may use widgets, and reads ranges as commands write them (grammar).
const std::vector<Layer>& layers() {
    static const std::vector<Layer> table = {
        {"core", {"engine/core/"}, {}},
        {"model", {"engine/model/"}, {"core"}},
        {"backend",
         {"engine/compute/backend.h", "engine/compute/key_sums", "engine/compute/row_passes",
          "engine/compute/level_kernels", "engine/compute/log_sums", "engine/compute/formulas.h",
          "engine/compute/selection_lanes", "engine/compute/splat_columns.h",
          "engine/compute/twofold.h"},
         {"model"}},
        {"egl", {"engine/compute/opengl/egl_context"}, {"core"}},
        {"cards", {"engine/compute/opengl/", "engine/compute/cuda/"}, {"compute", "egl"}},
        {"compute", {"engine/compute/"}, {"backend"}},
        {"io", {"engine/io/"}, {"model"}},
        {"embed", {"engine/embed/"}, {"io"}},
        {"attention", {"engine/attention/"}, {"backend"}},
        {"adapt", {"engine/adapt/"}, {"attention"}},
        {"fit", {"engine/fit/"}, {"attention"}},
        {"prune", {"engine/prune/"}, {"adapt", "fit"}},
        {"snapshot", {"engine/snapshot"}, {"attention"}},
        {"explain", {"engine/explain/"}, {"snapshot", "io"}},
        {"recover", {"engine/recover/"}, {"adapt", "explain"}},
        {"engine",
         {"engine/"},
         {"compute", "io", "embed", "attention", "adapt", "fit", "prune", "explain", "recover"}},
        {"embedded", {"app/embedded", "app/samples"}, {"core"}},
        {"window", {"app/window/"}, {"core", "egl"}},
        {"render", {"app/render/"}, {"model", "io", "embedded", "widgets"}},
        {"widgets", {"app/widgets/"}, {"model", "embedded", "render"}},
        {"session",
         {"app/backend_words", "app/choice_names", "app/desks/", "app/document", "app/map_desk",
          "app/other_state", "app/session", "app/setting_list", "app/setting_list/", "app/settings",
          "app/setting_values", "app/timeline", "app/tour_limit", "app/view_state"},
         {"engine", "widgets", "grammar"}},
        {"grammar", {"app/commands/grammar"}, {"core"}},
        {"commands",
         {"app/commands/", "app/report/", "app/bindings", "app/keys", "app/edit_steps",
          "app/history", "app/history_lines", "app/lost_session", "app/run_file",
          "app/session_file"},
         {"session", "embedded"}},
        {"views", {"app/views/"}, {"session", "render", "widgets"}},
        {"runner",
         {"app/autosave", "app/file_watch", "app/log", "app/profile", "app/runner",
          "app/runner_ask", "app/runner_jobs", "app/runner_options", "app/runner_pictures",
          "app/runner_reload", "app/runner_report", "app/runner_sequence", "app/runner_stop",
          "app/runner_take_back", "app/runner_told", "app/other_side"},
         {"commands", "embedded"}},
        {"shell",
         {"app/file_dialog", "app/guide", "app/key_pointer", "app/shell", "app/shell_backend",
          "app/shell_dock", "app/shell_export", "app/shell_files", "app/shell_focus",
          "app/shell_keys", "app/shell_menu", "app/shell_palette", "app/shell_panels",
          "app/shell_picture", "app/shell_pointer", "app/shell_settings", "app/shell_sheets",
          "app/shell_status", "app/thumbnails"},
         {"runner", "views", "window"}},
        {"main",
         {"app/diagnose", "app/main", "app/offered_backends", "app/options", "app/lists",
          "app/progress_line"},
         {"shell", "cards"}},
    };
    return table;
}

const Layer* find_layer(std::string_view name) {
    const auto found = std::find_if(layers().begin(), layers().end(),
                                    [&](const Layer& layer) { return layer.name == name; });
    return found == layers().end() ? nullptr : &*found;
}

bool reaches(const Layer& from, std::string_view to, std::vector<std::string_view>& seen) {
    if (from.name == to) return true;
    if (std::find(seen.begin(), seen.end(), from.name) != seen.end()) return false;
    seen.push_back(from.name);
    return std::any_of(from.may_include.begin(), from.may_include.end(),
                       [&](std::string_view name) {
                           const Layer* next = find_layer(name);
                           return next != nullptr && reaches(*next, to, seen);
                       });
}

// Libraries that only some places may see. A header matches by its beginning; of several rules for
// one header the first counts.
struct Library {
    std::string_view what;
    std::vector<std::string_view> headers;
    std::vector<std::string_view> allowed;  // beginnings of paths
};

const std::vector<Library>& libraries() {
    static const std::vector<Library> table = {
        {"the insides of Dear ImGui", {"imgui_internal.h"}, {"app/shell_dock.cpp"}},
        {"the test engine of Dear ImGui", {"imgui_te_", "imgui_test_engine"}, {"tests/ui/"}},
        {"Dear ImGui", {"imgui", "misc/cpp/imgui"}, {"app/"}},
        {"OpenGL",
         {"epoxy/", "GL/", "GLES", "EGL/", "KHR/"},
         {"app/render/", "app/window/", "app/views/", "app/shell", "engine/compute/opengl/"}},
        {"GLFW", {"GLFW/"}, {"app/window/", "app/shell"}},
        {"Cairo", {"cairo"}, {"app/render/"}},
        {"XCB", {"xcb/"}, {"app/window/", "tests/ui/"}},
        {"HarfBuzz", {"hb"}, {"app/render/"}},
        {"libwebp and giflib", {"webp/", "gif_lib"}, {"engine/io/", "tests/unit/"}},
        {"fontconfig", {"fontconfig/"}, {"app/"}},
        {"CUDA", {"cuda", "cublas", "cub/", "thrust/", "nvrtc", "nv/"}, {"engine/compute/cuda/"}},
        {"oneTBB, which engine/core/parallel.h stands for",
         {"oneapi/tbb", "tbb/"},
         {"engine/core/parallel.cpp"}},
        {"Eigen", {"Eigen/", "unsupported/Eigen"}, {"engine/"}},
    };
    return table;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return text.starts_with(beginning); });
}

std::string place(const Include& include) {
    return fmt::format("{}:{} includes {}", include.file, include.line, include.header);
}

std::string fault_of_own(const Include& include) {
    constexpr std::array<std::string_view, 4> kRoots = {"engine/", "app/", "tests/", "bench/"};
    if (std::none_of(kRoots.begin(), kRoots.end(),
                     [&](std::string_view root) { return include.header.starts_with(root); }))
        return fmt::format(
            "{}: an own header is named from the root of the repository, another's in <>.",
            place(include));
    if (include.file.starts_with("tests/reference/") &&
        include.header == "engine/compute/formulas.h")
        return fmt::format("{}: the reference of the parity tests has its own formulas.",
                           place(include));
    const bool shipped = include.file.starts_with("engine/") || include.file.starts_with("app/");
    if (!shipped) return {};
    const std::string from = layer_of(include.file);
    if (from.empty())
        return fmt::format("{} belongs to no layer: give it one in {}.", include.file, __FILE__);
    const std::string to = layer_of(include.header);
    std::vector<std::string_view> seen;
    if (to.empty() || !reaches(*find_layer(from), to, seen))
        return fmt::format("{}: {} must not know {}.", place(include), from,
                           to.empty() ? "what is outside the program" : to);
    if (include.file.starts_with("engine/compute/cuda/") ||
        !include.header.starts_with("engine/compute/cuda/") ||
        include.file == "app/offered_backends.cpp")
        return {};
    return fmt::format("{}: only the table of backends knows a CUDA header.", place(include));
}

std::string fault_of_library(const Include& include) {
    for (const Library& library : libraries()) {
        if (!starts_with_any(include.header, library.headers)) continue;
        if (starts_with_any(include.file, library.allowed)) return {};
        const bool shipped =
            include.file.starts_with("engine/") || include.file.starts_with("app/");
        if (!shipped) return {};
        return fmt::format("{}: {} has no place here.", place(include), library.what);
    }
    return {};
}

}  // namespace

std::vector<Include> includes_of(const std::string& file, std::string_view text) {
    std::vector<Include> found;
    int number = 0;
    bool in_comment = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (in_comment) {
            const std::size_t close = line.find("*/");
            if (close == std::string_view::npos) continue;
            in_comment = false;
            line.remove_prefix(close + 2);
        }
        const std::size_t open = line.find("/*");
        if (open != std::string_view::npos && line.find("*/", open) == std::string_view::npos &&
            line.substr(0, open).find("//") == std::string_view::npos)
            in_comment = true;
        const auto skip_spaces = [&line] {
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        };
        skip_spaces();
        if (!line.starts_with('#')) continue;
        line.remove_prefix(1);
        skip_spaces();
        if (!line.starts_with("include")) continue;
        line.remove_prefix(std::string_view("include").size());
        skip_spaces();
        if (line.empty() || (line.front() != '"' && line.front() != '<')) continue;
        const bool quoted = line.front() == '"';
        line.remove_prefix(1);
        const std::size_t close = line.find(quoted ? '"' : '>');
        if (close == std::string_view::npos) continue;
        found.push_back({file, std::string(line.substr(0, close)), quoted, number});
    }
    return found;
}

std::string layer_of(std::string_view file) {
    const std::string_view stem = file.substr(0, file.rfind('.'));
    std::string_view best;
    std::string_view best_path;
    for (const Layer& layer : layers()) {
        for (const std::string_view path : layer.paths) {
            const bool holds =
                path.ends_with('/') ? file.starts_with(path) : stem == path || file == path;
            if (holds && path.size() > best_path.size()) {
                best = layer.name;
                best_path = path;
            }
        }
    }
    return std::string(best);
}

std::string fault_of(const Include& include) {
    return include.quoted ? fault_of_own(include) : fault_of_library(include);
}

}  // namespace splatscope::layers
