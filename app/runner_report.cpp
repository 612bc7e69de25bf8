#include "app/runner.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <utility>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

constexpr int kScale = 2;  // pixels of a picture a pixel of its layout: sharp in print

PixelSize size_of(const std::string& view) {
    if (view == "tree") return {1200, 480};
    if (view == "flow") return {1200, 640};
    if (view == "timeline") return {1200, 340};
    return {1000, 760};
}

// Everything the report says, drawn on white.
struct LightTheme {
    explicit LightTheme(Desk& desk) : desk_(desk), before_(desk.theme) {
        desk.theme = ThemeName::light;
    }
    ~LightTheme() { desk_.theme = before_; }
    LightTheme(const LightTheme&) = delete;
    LightTheme& operator=(const LightTheme&) = delete;

  private:
    Desk& desk_;
    ThemeName before_;
};

}  // namespace

// On the look lane, whose backend is idle then.
Report Runner::report_of_session() {
    const auto answer = std::make_shared<std::promise<Report>>();
    std::future<Report> report = answer->get_future();
    engine_->ask([answer, session = std::make_shared<const Session>(session_),
                  snapshot = snapshot_](hsa::Backend& backend, const hsa::Work& work) {
        try {
            answer->set_value(make_report(*session, *snapshot, backend, work));
        } catch (...) {
            answer->set_exception(std::current_exception());
        }
    });
    while (report.wait_for(std::chrono::seconds(0)) != std::future_status::ready) wait_a_little();
    return report.get();
}

// None where nothing can draw: the report says the same without them.
std::map<std::string, std::string> Runner::pictures_of(const Report& report) {
    std::map<std::string, std::string> pictures;
    if (!options_.picture) return pictures;
    const LightTheme light(session_.desk);
    try {
        for (const std::string& view : report.views()) {
            PictureAsked asked;
            asked.view = view;
            asked.size = size_of(view);
            asked.scale = kScale;
            pictures[view] = hsa::write_png(options_.picture(asked));
        }
    } catch (const hsa::Error& error) {
        if (error.kind() != hsa::ErrorKind::renderer) throw;
        options_.log(LogLevel::warning,
                     fmt::format("the report has no pictures: {}", error.what()));
        pictures.clear();
    }
    return pictures;
}

std::string Runner::save_report(const std::string& path, bool overwrite) {
    const bool html = path.ends_with(".html");
    if (!html && !path.ends_with(".md"))
        hsa::fail("report.save {}: the name must end in .html or .md, which says the format.",
                  path);
    if (!snapshot_->error.empty() && !snapshot_->dataset)
        throw hsa::Error(static_cast<hsa::ErrorKind>(snapshot_->error_code), snapshot_->error);
    need_factors(*snapshot_);
    const hsa::Existing existing = overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    hsa::check_writable(path, existing);
    const Report report = report_of_session();
    const std::map<std::string, std::string> pictures = pictures_of(report);
    if (html) {
        hsa::write_file(path, write_html(report, pictures), existing);
    } else {
        const fs::path folder = fs::path(path).replace_extension(".files");
        std::map<std::string, std::string> places;
        for (const auto& [view, bytes] : pictures) {
            const fs::path place = folder / (view + ".png");
            std::error_code fault;
            fs::create_directories(folder, fault);
            if (fault)
                hsa::fail("report.save {}: the folder {} cannot be made: {}.", path,
                          folder.string(), fault.message());
            hsa::write_file(place.string(), bytes, existing);
            places[view] = (folder.filename() / place.filename()).string();
        }
        hsa::write_file(path, write_markdown(report, places), existing);
    }
    return hsa::json_text({{"command", "report.save"},
                           {"version", 1},
                           {"mark", "exact"},
                           {"path", path},
                           {"pictures", pictures.size()}});
}

}  // namespace splatscope
