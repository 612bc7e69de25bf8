#include "app/shell_picture.h"

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
    choose_view(view);
}

void PictureSheet::choose_view(const std::string& view) {
    const std::string ending = fs::path(asked_.path).extension().string();
    asked_.view = view;
    asked_.size = usual_picture_size(view);
    asked_.path = free_name(view, ending.empty() || view == "window" ? ".png" : ending);
    replace_ = false;
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
    PictureAsked now = asked_;
    if (unit_ == 1) {
        const auto tenths = [](float mm) {
            return std::round(static_cast<double>(mm) * 10.0) / 10.0;
        };
        now.width_mm = tenths(millimetres_[0]);
        now.height_mm = tenths(millimetres_[1]);
        now.dpi = dpi_;
        now.scale = 1;
    }
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

void PictureSheet::draw_size() {
    ImGui::RadioButton("pixels", &unit_, 0);
    ImGui::SameLine();
    ImGui::RadioButton("mm on paper", &unit_, 1);
    if (unit_ == 0) {
        int size[2] = {asked_.size.width, asked_.size.height};
        if (ImGui::InputInt2("Size", size))
            asked_.size = {std::clamp(size[0], 1, 16384), std::clamp(size[1], 1, 16384)};
        ImGui::SetItemTooltip("width and height in pixels of the window: what fits into them");
        int scale = asked_.scale - 1;
        if (ImGui::Combo("Finer", &scale, "x1\0x2\0x3\0x4\0")) asked_.scale = scale + 1;
        ImGui::SetItemTooltip("pixels of the picture for each of these");
    } else {
        ImGui::InputFloat2("Size", millimetres_, "%.1f");
        ImGui::SetItemTooltip(
            "width and height in millimetres; letters are printed as large as on "
            "a screen");
        ImGui::InputInt("dpi", &dpi_, 0);
        ImGui::SetItemTooltip("dots an inch; the file says it");
    }
}

void PictureSheet::draw_choices() {
    std::string title = asked_.view;
    for (const Choice& choice : choices())
        if (choice.id == asked_.view) title = choice.title;
    if (ImGui::BeginCombo("View", title.c_str())) {
        for (const Choice& choice : choices())
            if (ImGui::Selectable(choice.title.c_str(), choice.id == asked_.view))
                choose_view(choice.id);
        ImGui::EndCombo();
    }
    draw_size();
    int ground = static_cast<int>(asked_.ground);
    if (ImGui::Combo("Background", &ground, "of the theme\0white\0transparent\0"))
        asked_.ground = static_cast<Ground>(ground);
    ImGui::Dummy({0.0F, 4.0F});
    ImGui::TextDisabled("On the picture");
    Parts without;
    int column = 0;
    for (const Part part : kParts) {
        if (column++ % 2 == 1) ImGui::SameLine(0.5F * kChoices * ImGui::GetStyle().FontScaleMain);
        bool on = !asked_.without.has(part);
        ImGui::Checkbox(words_of(part), &on);
        if (!on) without.add(part);
    }
    asked_.without = without;
}

void PictureSheet::draw_file() {
    ImGui::Dummy({0.0F, 4.0F});
    const std::string before = asked_.path;
    fs::path path = asked_.path;
    const std::string ending = path.extension().string();
    int format = 0;
    for (std::size_t e = 0; e < kEndings.size(); ++e)
        if (ending == kEndings[e]) format = static_cast<int>(e);
    ImGui::BeginDisabled(shows_window());
    if (ImGui::Combo("Format", &format, "PNG\0SVG\0PDF\0"))
        asked_.path = path.replace_extension(kEndings[static_cast<std::size_t>(format)]).string();
    ImGui::EndDisabled();
    if (shows_window()) ImGui::SetItemTooltip("the whole window is a PNG");
    ImGui::InputText("File", &asked_.path);
    if (asked_.path != before) replace_ = false;  // it was said of another file
    if (dialog_.is_shown()) {
        const std::string chosen = dialog_.take();
        if (!chosen.empty()) {
            asked_.path = chosen;
            replace_ = true;  // the desktop's dialog has asked
        }
    } else if (desktop_ && FileDialog::available() && ImGui::Button("Choose a place ...")) {
        dialog_.ask_save(asked_.path, "Save the picture",
                         {"Pictures", "*.png *.svg *.pdf", "All files", "*"});
    }
    std::error_code ignored;
    exists_ = fs::exists(asked_.path, ignored);
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
    const bool ready = fault_.empty() && !asked_.path.empty() && (!exists_ || replace_);
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
    }
    ImGui::End();
    if (!open) open_ = false;
}

}  // namespace splatscope
