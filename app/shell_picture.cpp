#include "app/shell_picture.h"

#include "app/setting_values.h"
#include "app/settings.h"
#include "app/shell.h"
#include "app/widgets/numbers.h"
#include "app/widgets/style.h"
#include "engine/core/error.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

constexpr float kPreviewWidth = 520.0F;
constexpr float kPreviewHeight = 420.0F;
constexpr float kChoices = 300.0F;
constexpr float kFiner = 2.0F;  // pixels of the preview a pixel of the screen: smooth when smaller
constexpr int kMostPixels = 16384;
constexpr std::array<const char*, 3> kEndings = {".png", ".svg", ".pdf"};
constexpr std::array<Part, 5> kParts = {Part::title, Part::legend, Part::bar, Part::notes,
                                        Part::axes};

struct Choice {
    std::string id;
    std::string title;
};

const std::vector<Choice>& choices() {
    static const std::vector<Choice> all = [] {
        std::vector<Choice> made = {{"window", "The whole window"}};
        for (const auto& view : make_views()) made.push_back({view->id(), view->title()});
        return made;
    }();
    return all;
}

const char* words_of(Part part) {
    switch (part) {
        case Part::title: return "Title";
        case Part::legend: return "Legend";
        case Part::bar: return "Colour bar";
        case Part::notes: return "Notes and mark";
        case Part::axes: return "Axes";
    }
    return "";
}

// The next name that is free.
std::string free_name(const std::string& view, const std::string& ending) {
    std::string path;
    int number = 0;
    do path = fmt::format("splatscope-{}-{}{}", view, ++number, ending);
    while (fs::exists(path));
    return path;
}

// Squares that show through what is transparent.
void draw_squares(ImVec2 from, ImVec2 to, float side) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(from, to, IM_COL32(200, 200, 200, 255));
    for (int row = 0; from.y + static_cast<float>(row) * side < to.y; ++row)
        for (int column = row % 2; from.x + static_cast<float>(column) * side < to.x; column += 2) {
            const ImVec2 at = {from.x + static_cast<float>(column) * side,
                               from.y + static_cast<float>(row) * side};
            list.AddRectFilled(at, {std::min(at.x + side, to.x), std::min(at.y + side, to.y)},
                               IM_COL32(150, 150, 150, 255));
        }
}

}  // namespace

PictureSheet::PictureSheet(Window& window, Runner& runner, bool desktop)
    : window_(window), runner_(runner), desktop_(desktop) {}

PictureSheet::~PictureSheet() = default;

void PictureSheet::open(const std::string& view) {
    open_ = true;
    chosen_ = told_ = seen_ = runner_.session().desk.picture;
    choose_view(view);
}

void PictureSheet::choose_view(const std::string& view) {
    view_ = view;
    const auto format =
        static_cast<std::size_t>(shows_window() ? PictureFormat::png : chosen_.format);
    path_ = free_name(view, kEndings[format]);
    replace_ = false;
}

// What another than the sheet has set.
void PictureSheet::take_settings() {
    const PictureDesk& now = runner_.session().desk.picture;
    if (now == seen_) return;
    seen_ = now;
    if (now == told_) return;
    const bool other = now.format != chosen_.format;
    chosen_ = told_ = now;
    if (other && !shows_window())
        path_ = fs::path(path_)
                    .replace_extension(kEndings[static_cast<std::size_t>(now.format)])
                    .string();
}

// The name of the file says the format, too.
void PictureSheet::take_ending() {
    const auto ending =
        std::find(kEndings.begin(), kEndings.end(), fs::path(path_).extension().string());
    if (!shows_window() && ending != kEndings.end())
        chosen_.format = static_cast<PictureFormat>(ending - kEndings.begin());
}

void PictureSheet::tell_settings() {
    if (chosen_ == told_) return;
    Session before, after;
    before.desk.picture = told_;
    after.desk.picture = chosen_;
    for (const SettingRow& row : setting_rows()) {
        if (!row.name.starts_with("picture.")) continue;
        const std::string value = get_setting(after, row.name);
        if (value != get_setting(before, row.name))
            runner_.submit(fmt::format("set {} {}", row.name, quote_word(value)));
    }
    told_ = chosen_;
}

void PictureSheet::release() {
    painter_.reset();
    target_.reset();
    shown_ = {};
    session_ = {};
    snapshot_.reset();
    wanted_ = {};
    waits_ = false;
}

PictureAsked PictureSheet::asked() const {
    PictureAsked now;
    now.view = view_;
    now.path = path_;
    now.size = usual_picture_size(view_);
    if (chosen_.width > 0) now.size.width = static_cast<int>(chosen_.width);
    if (chosen_.height > 0) now.size.height = static_cast<int>(chosen_.height);
    if (chosen_.unit == PictureUnit::mm) {
        now.width_mm = chosen_.width_mm;
        now.height_mm = chosen_.height_mm;
        now.dpi = static_cast<double>(chosen_.dpi);
    } else {
        now.scale = static_cast<int>(chosen_.finer);
    }
    now.ground = chosen_.background;
    now.without = chosen_.without;
    now.overwrite = exists_ && replace_;
    return now;
}

void PictureSheet::draw_preview() {
    if (!open_) {
        if (painter_) release();
        return;
    }
    PictureAsked now = asked();
    now.path.clear();
    now.overwrite = false;
    try {
        check_picture(now, "This picture");
    } catch (const hsa::Error& error) {
        fault_ = error.what();
        waits_ = false;
        shown_ = {};
        return;
    }
    const bool same =
        now == shown_ && snapshot_ == runner_.snapshot_pointer() && session_ == runner_.session();
    if (same && !waits_) return;
    fault_.clear();
    if (!painter_)
        painter_ =
            std::make_unique<Shell>(window_, runner_, desktop_, nullptr, Shell::Role::pictures);
    const Vec2 layout = now.layout();
    const float room =
        window_.content_scale() * kFiner * static_cast<float>(runner_.session().desk.scale);
    const float density =
        std::min({static_cast<float>(now.density()), room * kPreviewWidth / layout.x,
                  room * kPreviewHeight / layout.y});
    const int width = std::max(1, static_cast<int>(layout.x * density));
    const int height = std::max(1, static_cast<int>(layout.y * density));
    if (!target_ || target_->width() != width || target_->height() != height)
        target_ = std::make_unique<RenderTarget>(width, height, 1);
    wanted_ = {};
    try {
        waits_ = painter_->draw_frame_of(now, *target_, wanted_) || !same;
    } catch (const hsa::Error& error) {
        release();  // its frame was left in the middle
        fault_ = error.what();
    }
    shown_ = std::move(now);
    session_ = runner_.session();
    snapshot_ = runner_.snapshot_pointer();
}

void PictureSheet::draw_pixels() {
    const PixelSize usual = usual_picture_size(view_);
    const PixelSize now = asked().size;
    int size[2] = {now.width, now.height};
    if (ImGui::InputInt2("Size", size)) {
        const auto chosen = [](int side, int usually) {
            return side == usually ? 0U
                                   : static_cast<std::size_t>(std::clamp(side, 1, kMostPixels));
        };
        chosen_.width = chosen(size[0], usual.width);
        chosen_.height = chosen(size[1], usual.height);
    }
    ImGui::SetItemTooltip("width and height in pixels of the window: what fits into them");
    int finer = static_cast<int>(chosen_.finer) - 1;
    if (ImGui::Combo("Finer", &finer, "x1\0x2\0x3\0x4\0"))
        chosen_.finer = static_cast<std::size_t>(finer) + 1;
    ImGui::SetItemTooltip("pixels of the picture for each of these");
}

void PictureSheet::draw_paper() {
    float size[2] = {static_cast<float>(chosen_.width_mm), static_cast<float>(chosen_.height_mm)};
    if (ImGui::InputFloat2("Size", size, "%.1f")) {
        const auto tenths = [](float mm) {
            return std::clamp(std::round(static_cast<double>(mm) * 10.0) / 10.0, 5.0, 2000.0);
        };
        chosen_.width_mm = tenths(size[0]);
        chosen_.height_mm = tenths(size[1]);
    }
    ImGui::SetItemTooltip(
        "width and height in millimetres; letters are printed as large as on "
        "a screen");
    int dpi = static_cast<int>(chosen_.dpi);
    if (ImGui::InputInt("dpi", &dpi, 0))
        chosen_.dpi = static_cast<std::size_t>(std::clamp(dpi, 36, 2400));
    ImGui::SetItemTooltip("dots an inch; the file says it");
}

void PictureSheet::draw_size() {
    int unit = static_cast<int>(chosen_.unit);
    ImGui::RadioButton("pixels", &unit, 0);
    ImGui::SameLine();
    ImGui::RadioButton("mm on paper", &unit, 1);
    chosen_.unit = static_cast<PictureUnit>(unit);
    if (chosen_.unit == PictureUnit::pixels) draw_pixels();
    else draw_paper();
}

void PictureSheet::draw_choices() {
    std::string title = view_;
    for (const Choice& choice : choices())
        if (choice.id == view_) title = choice.title;
    if (ImGui::BeginCombo("View", title.c_str())) {
        for (const Choice& choice : choices())
            if (ImGui::Selectable(choice.title.c_str(), choice.id == view_)) choose_view(choice.id);
        ImGui::EndCombo();
    }
    draw_size();
    int ground = static_cast<int>(chosen_.background);
    if (ImGui::Combo("Background", &ground, "of the theme\0white\0transparent\0"))
        chosen_.background = static_cast<Ground>(ground);
    ImGui::Dummy({0.0F, 4.0F});
    ImGui::TextDisabled("On the picture");
    Parts without;
    int column = 0;
    for (const Part part : kParts) {
        if (column++ % 2 == 1) ImGui::SameLine(0.5F * kChoices * ImGui::GetStyle().FontScaleMain);
        bool on = !chosen_.without.has(part);
        ImGui::Checkbox(words_of(part), &on);
        if (!on) without.add(part);
    }
    chosen_.without = without;
}

void PictureSheet::draw_file() {
    ImGui::Dummy({0.0F, 4.0F});
    const std::string before = path_;
    int format = static_cast<int>(shows_window() ? PictureFormat::png : chosen_.format);
    ImGui::BeginDisabled(shows_window());
    if (ImGui::Combo("Format", &format, "PNG\0SVG\0PDF\0")) {
        chosen_.format = static_cast<PictureFormat>(format);
        path_ = fs::path(path_).replace_extension(kEndings[static_cast<std::size_t>(format)]);
    }
    ImGui::EndDisabled();
    if (shows_window()) ImGui::SetItemTooltip("the whole window is a PNG");
    if (ImGui::InputText("File", &path_)) take_ending();
    if (path_ != before) replace_ = false;  // it was said of another file
    if (dialog_.is_shown()) {
        const std::string chosen = dialog_.take();
        if (!chosen.empty()) {
            path_ = chosen;
            take_ending();
            replace_ = true;  // the desktop's dialog has asked
        }
    } else if (desktop_ && FileDialog::available() && ImGui::Button("Choose a place ...")) {
        dialog_.ask_save(path_, "Save the picture",
                         {"Pictures", "*.png *.svg *.pdf", "All files", "*"});
    }
    std::error_code ignored;
    exists_ = fs::exists(path_, ignored);
    if (exists_) {
        ImGui::Checkbox("Replace the file of that name", &replace_);
    } else {
        replace_ = false;
    }
}

void PictureSheet::draw_picture(float width, float height) {
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    if (!target_) return;
    const auto wide = static_cast<float>(target_->width());
    const auto high = static_cast<float>(target_->height());
    const float fit = std::min(width / wide, height / high);
    const ImVec2 size = {std::floor(wide * fit), std::floor(high * fit)};
    const ImVec2 from = {std::floor(corner.x + 0.5F * (width - size.x)),
                         std::floor(corner.y + 0.5F * (height - size.y))};
    const ImVec2 to = {from.x + size.x, from.y + size.y};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (shown_.ground == Ground::transparent)
        draw_squares(from, to, 8.0F * ImGui::GetStyle().FontScaleMain);
    list.AddImage(static_cast<ImTextureID>(target_->texture()), from, to, {0.0F, 1.0F},
                  {1.0F, 0.0F});
    list.AddRect({from.x - 1.0F, from.y - 1.0F}, {to.x + 1.0F, to.y + 1.0F},
                 ImGui::GetColorU32(ImGuiCol_TextDisabled));
}

void PictureSheet::draw_line() {
    const PictureAsked now = asked();
    const PixelSize pixels = now.pixels();
    if (!fault_.empty()) {
        ImGui::PushTextWrapPos(0.0F);
        ImGui::TextUnformatted(fault_.c_str());
        ImGui::PopTextWrapPos();
    } else {
        ImGui::TextDisabled("%s x %s pixels%s",
                            count_text(static_cast<std::size_t>(pixels.width)).c_str(),
                            count_text(static_cast<std::size_t>(pixels.height)).c_str(),
                            waits_ ? "   the preview is being drawn" : "");
    }
    std::string line = export_line(now);
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - 80.0F * scale);
    ImGui::InputText("##line", &line, ImGuiInputTextFlags_ReadOnly);
    ImGui::SetItemTooltip("%s", "the line that makes this picture, for scripts");
    ImGui::SameLine();
    if (ImGui::Button("Copy")) ImGui::SetClipboardText(line.c_str());
    const bool ready = fault_.empty() && !path_.empty() && (!exists_ || replace_);
    ImGui::BeginDisabled(!ready);
    if (ImGui::Button("Export")) {
        runner_.submit(line);
        replace_ = false;
    }
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (ImGui::Button("Copy the picture"))
        runner_.submit("view.copy_picture " + now.view + [&] {
            PictureAsked copied = now;
            copied.overwrite = false;
            return picture_words(copied);
        }());
    ImGui::SameLine();
    if (ImGui::Button("Close")) open_ = false;
    if (exists_ && !replace_) {
        ImGui::SameLine();
        ImGui::TextDisabled("the file exists");
    }
}

void PictureSheet::draw() {
    if (!open_) return;
    take_settings();
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    bool open = true;
    if (begin_above("Export a picture", &open, ImGuiWindowFlags_AlwaysAutoResize)) {
        ImGui::BeginGroup();
        ImGui::PushItemWidth((kChoices - 90.0F) * scale);
        draw_choices();
        draw_file();
        ImGui::PopItemWidth();
        ImGui::EndGroup();
        ImGui::SameLine(0.0F, 16.0F * scale);
        const float room = viewport->WorkSize.x - (kChoices + 90.0F) * scale;
        draw_picture(std::clamp(room, 160.0F * scale, kPreviewWidth * scale),
                     std::min(kPreviewHeight * scale, viewport->WorkSize.y - 160.0F * scale));
        draw_line();
        tell_settings();
    }
    ImGui::End();
    if (!open) open_ = false;
}

}  // namespace splatscope
