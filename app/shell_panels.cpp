#include "app/samples.h"
#include "app/shell.h"
#include "app/widgets/fonts.h"
#include "app/widgets/style.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splatscope {
namespace {

// In which a default layout settles: first the map comes to the front, then the timeline.
constexpr int kFreshFrames = 5;
constexpr int kTimelineFrames = 2;

constexpr float kCompactWidth = 1000.0F;  // below, the panels would be too small side by side
constexpr float kCompactHeight = 560.0F;

std::string window_name(const View& view) { return view.title() + "###" + view.id(); }

// The words, and below them the pictures side by side, each under its caption.
void draw_tooltip(const Drawn& drawn, const Theme& theme, TextureCache& textures, float scale) {
    constexpr float kBetween = 8.0F;
    constexpr float kCaption = 18.0F;
    if (!ImGui::BeginTooltip()) return;
    ImGui::TextUnformatted(visual_words(drawn.tooltip).c_str());
    float width = 0.0F;
    float height = 0.0F;
    for (const TooltipPicture& picture : drawn.tooltip_pictures) {
        width += picture.size.x + kBetween;
        height = std::max(height, picture.size.y + kCaption);
    }
    if (width > 0.0F) {
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const Vec2 at = {corner.x / scale, corner.y / scale};
        ImGui::Dummy({width * scale, height * scale});
        ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures,
                           {at, {at.x + width, at.y + height}}, scale);
        float x = at.x;
        for (const TooltipPicture& picture : drawn.tooltip_pictures) {
            canvas.text({x, at.y}, picture.caption,
                        {theme.secondary, Font::text, kSmallTextSize, Align::start, Align::start});
            canvas.image(picture.image, {{x, at.y + kCaption},
                                         {x + picture.size.x, at.y + kCaption + picture.size.y}});
            x += picture.size.x + kBetween;
        }
    }
    ImGui::EndTooltip();
}

ImVec4 vec(Colour c) {
    return {static_cast<float>(c.r) / 255.0F, static_cast<float>(c.g) / 255.0F,
            static_cast<float>(c.b) / 255.0F, 1.0F};
}

Colour mark_colour(hsa::Mark mark, const Theme& theme) {
    return mark == hsa::Mark::exact ? theme.good : theme.warning;
}

}  // namespace

void Shell::draw_dock_space() {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const ImVec2 room = {viewport->WorkSize.x, viewport->WorkSize.y - status_height()};
    ImGui::SetNextWindowPos(viewport->WorkPos);
    ImGui::SetNextWindowSize(room);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4.0F, 4.0F});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, vec(colours().background));
    ImGui::Begin("##desk", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoBringToFrontOnFocus |
                     ImGuiWindowFlags_NoNavFocus | ImGuiWindowFlags_NoSavedSettings);
    const ImGuiID id = ImGui::GetID("dock");
    const std::string& layout = runner_.session().desk.layout;
    if (runner_.session().desk.default_layouts != default_layouts_) {
        default_layouts_ = runner_.session().desk.default_layouts;
        layout_made_ = false;
    }
    if (layout != layout_loaded_) {
        if (!layout.empty()) ImGui::LoadIniSettingsFromMemory(layout.data(), layout.size());
        layout_loaded_ = layout;
        layout_made_ = !layout.empty();
    }
    if (!layout_made_) {
        std::vector<DockPlace> windows;
        for (const Panel& panel : panels_)
            windows.push_back({window_name(*panel.view), panel.view->place()});
        const ImVec2 size = {room.x - 8.0F, room.y - 8.0F};
        const float scale = ImGui::GetStyle().FontScaleMain;
        const bool compact = size.x < kCompactWidth * scale || size.y < kCompactHeight * scale;
        build_default_layout(id, size.x, size.y, compact, windows);
        layout_made_ = true;
        fresh_layout_ = kFreshFrames;
    }
    ImGui::DockSpace(id, {0.0F, 0.0F}, ImGuiDockNodeFlags_AutoHideTabBar);
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
}

// The layout as it is now goes into the session, which is saved with it.
void Shell::take_layout() {
    ImGui::GetIO().WantSaveIniSettings = false;
    Desk desk = runner_.session().desk;
    desk.layout = ImGui::SaveIniSettingsToMemory();
    layout_loaded_ = desk.layout;
    runner_.set_desk(desk);
}

// Title, subtitle and mark, and the line under them; `canvas` counts in pixels of the window.
void Shell::draw_header_on(Canvas& canvas, const Panel& panel, bool interactive) const {
    const ViewContext now = context(&panel);
    const float scale = ImGui::GetStyle().FontScaleMain;
    const Rect place = canvas.bounds();
    const float middle = place.centre().y - 2.0F * scale;
    TextStyle title{now.theme.text, Font::bold, kTextSize * scale, Align::start, Align::centre};
    TextStyle quiet{now.theme.secondary, Font::text, kSmallTextSize * scale, Align::start,
                    Align::centre};
    TextStyle mark{mark_colour(panel.drawn.mark, now.theme), Font::text, kSmallTextSize * scale,
                   Align::end, Align::centre};
    const float right = place.max.x - (interactive ? 44.0F : 4.0F) * scale;
    const bool notes = !without_.has(Part::notes);
    const float left = place.min.x + 4.0F * scale;
    float from = left, to = right;
    const std::string claim =
        fmt::format("{}{}", hsa::name_of(panel.drawn.mark),
                    now.snapshot.preview == hsa::PreviewKind::none ? "" : ", preview");
    if (notes && now.snapshot.dataset && !panel.drawn.empty)
        to = canvas.text({right, middle}, claim, mark).min.x;
    if (!without_.has(Part::title))
        from = canvas.text({left, middle}, panel.view->title(), title).max.x + 10.0F * scale;
    const float room = to - from - 10.0F * scale;
    const std::string subtitle = panel.view->subtitle(now);
    if (notes && room > 40.0F && !subtitle.empty())
        canvas.text({from, middle}, canvas.fit(subtitle, quiet, room), quiet);
    canvas.line({place.min.x - 4.0F, place.max.y - 4.0F}, {place.max.x + 4.0F, place.max.y - 4.0F},
                now.theme.lines, 1.0F);
}

void Shell::draw_header(Panel& panel, bool interactive) {
    if (without_.has(Part::title) && without_.has(Part::notes)) return;
    const float scale = ImGui::GetStyle().FontScaleMain;
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const Rect place = {{corner.x, corner.y}, {corner.x + width, corner.y + kHeaderHeight * scale}};
    ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures_, place);
    draw_header_on(canvas, panel, interactive);
    panel.header = canvas.texts();
    if (interactive) {
        ImGui::SetCursorScreenPos({place.max.x - 40.0F * scale, place.min.y - 2.0F});
        ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {5.0F * scale, 2.0F * scale});
        ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
        draw_view_settings(panel);
        ImGui::SetCursorScreenPos({place.max.x - 18.0F * scale, place.min.y - 2.0F});
        ImGui::Button("?");
        ImGui::SetItemTooltip("%s", panel.view->help().c_str());
        ImGui::PopStyleColor();
        ImGui::PopStyleVar();
    }
    ImGui::SetCursorScreenPos(corner);
    ImGui::Dummy({width, kHeaderHeight * scale - ImGui::GetStyle().ItemSpacing.y});
}

// The view counts in pixels of scale 1 whatever the size of everything is.
void Shell::draw_canvas(Panel& panel, const Rect& place, bool interactive) {
    const float scale = ImGui::GetStyle().FontScaleMain;
    const Rect bounds = {{place.min.x / scale, place.min.y / scale},
                         {place.max.x / scale, place.max.y / scale}};
    Pointer pointer;
    bool by_key = false;
    ImGui::SetCursorScreenPos({place.min.x, place.min.y});
    if (!interactive) {
        ImGui::Dummy({place.width(), place.height()});
    } else {
        ImGui::InvisibleButton("canvas", {place.width(), place.height()},
                               ImGuiButtonFlags_MouseButtonLeft |
                                   ImGuiButtonFlags_MouseButtonRight |
                                   ImGuiButtonFlags_MouseButtonMiddle);
        pointer = take_pointer(panel, scale, ImGui::IsItemHovered());
        pointer.escape = panel.drawn.holding && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
        if (pointer.inside) ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
        by_key = key_pointer_.shown_in(panel.view->id());
    }
    ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures_, bounds, scale);
    canvas.leave_out(without_);
    canvas.push_clip(bounds);
    const ViewContext shown = context(&panel);
    const bool was_empty = panel.drawn.empty;
    panel.drawn = panel.view->draw(canvas, shown, pointer);
    // The header above it was drawn before.
    if (panel.drawn.empty != was_empty) panel.drawn.animating = true;
    if (shown.snapshot.preview == hsa::PreviewKind::coarse && panel.drawn.mark == hsa::Mark::exact)
        panel.drawn.mark = hsa::Mark::approximate;
    if (by_key) key_pointer_.draw(canvas, context().theme, panel.drawn.hits);
    canvas.pop_clip();
    panel.canvas = place;
    panel.drawn.texts = canvas.texts();
    for (PlacedText& text : panel.drawn.texts) text.place = scaled(text.place, scale);
    for (Hit& hit : panel.drawn.hits) hit.place = scaled(hit.place, scale);
    for (const std::string& command : panel.drawn.commands) runner_.submit(command);
    if (!panel.drawn.prompt.empty()) {
        palette_text_ = panel.drawn.prompt;
        palette_open_ = palette_.to_end = true;
    }
    if (panel.drawn.animating) animating_ = true;
    if (const double next = panel.drawn.next_frame; next > 0.0)
        next_frame_ = next_frame_ > 0.0 ? std::min(next_frame_, next) : next;
    if (interactive && pointer.inside && !panel.drawn.tooltip.empty()) {
        if (by_key)
            ImGui::SetNextWindowPos({key_pointer_.position().x * scale + 16.0F * scale,
                                     key_pointer_.position().y * scale + 16.0F * scale});
        draw_tooltip(panel.drawn, context().theme, textures_, scale);
    }
}

void Shell::draw_panel(Panel& panel) {
    panel.drawn.pictures.clear();
    panel.drawn.targets.clear();
    panel.drawn.seconds.clear();
    panel.drawn.second_cycle.reset();
    panel.drawn.strongest.reset();
    panel.drawn.others.clear();
    panel.drawn.comparison = false;
    panel.drawn.heads.reset();
    panel.drawn.specialisations = panel.drawn.flow = panel.drawn.levels = false;
    panel.drawn.health = false;
    panel.drawn.listing.reset();
    panel.drawn.peek.reset();
    const bool closed = runner_.session().desk.closed_views.count(panel.view->id()) > 0;
    if (closed || panels_hidden_ || !panel.view->applies(context())) {
        if (closed && fresh_layout_ > 0 && panel.view->id() == "timeline" && --fresh_layout_ == 0)
            to_above_ = true;
        panel.drawn = {};
        return;
    }
    ImGui::SetNextWindowSize({480.0F, 360.0F}, ImGuiCond_FirstUseEver);
    // Among the tabs of one place the map and the timeline are in front at first: in a frame only
    // the window that has the focus takes its place.
    const char* in_front = fresh_layout_ > kTimelineFrames ? "map" : "timeline";
    if (fresh_layout_ > 0 && panel.view->id() == in_front) ImGui::SetNextWindowFocus();
    if (fresh_layout_ > 0 && panel.view->id() == "timeline" && --fresh_layout_ == 0)
        to_above_ = true;  // what asks or welcomes keeps the keys
    // Both sides in one map are looked at there, not behind the tab of the comparison.
    if (panel.view->id() == "map" && !exporting_) {
        const MapCompare mode = runner_.session().desk.map.compare;
        const bool hidden = panel.drawn.texts.empty() && panel.drawn.hits.empty();
        // A session that is opened so leaves in front what was.
        if (in_one_map_ && mode != *in_one_map_ && mode != MapCompare::off && hidden)
            ImGui::SetNextWindowFocus();
        in_one_map_ = mode;
    }
    // A tab that comes with the data or a selection does not go before the one that is looked at.
    const std::string id = panel.view->id();
    const bool appears_late =
        id == "heads" || id == "beside" || id == "levels" || id == "change" || id == "table";
    if (to_focus_ == id) ImGui::SetNextWindowFocus();
    bool open = true;
    // The corner that shows a hidden tab bar is for the hand: none in pictures.
    if (exporting_) ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
    const bool visible =
        ImGui::Begin(window_name(*panel.view).c_str(), &open,
                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoScrollbar |
                         ImGuiWindowFlags_NoNavInputs | ImGuiWindowFlags_NoScrollWithMouse |
                         (appears_late ? ImGuiWindowFlags_NoFocusOnAppearing : 0));
    if (exporting_) ImGui::PopStyleColor();
    bool drawn = false;
    if (!exporting_ && ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows |
                                              ImGuiFocusedFlags_NoPopupHierarchy))
        focused_ = id;
    // In an empty window what it offers stands over the map; a view that it covers is left blank.
    const ImVec2 at = ImGui::GetWindowPos();
    const ImVec2 size = ImGui::GetWindowSize();
    const Rect window = {{at.x, at.y}, {at.x + size.x, at.y + size.y}};
    const bool empty = runner_.session().document.sources.empty();
    if (empty && visible && id == "map") welcome_at_ = window.centre();
    const bool covered = welcome_.min.x < window.max.x && window.min.x < welcome_.max.x &&
                         welcome_.min.y < window.max.y && window.min.y < welcome_.max.y;
    if (visible && !(empty && (id == "map" || covered))) {
        draw_header(panel, !exporting_);
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const ImVec2 room = ImGui::GetContentRegionAvail();
        drawn = room.x >= 24.0F && room.y >= 24.0F;
        if (drawn)
            draw_canvas(panel, {{corner.x, corner.y}, {corner.x + room.x, corner.y + room.y}},
                        !exporting_);
    }
    if (!drawn) panel.drawn = {};
    if (visible && !exporting_ && focused_ == id) draw_focus_ring();
    ImGui::End();
    if (!open) runner_.submit("view.close " + panel.view->id());
}

// What an empty window offers: a file, or a sample.
void Shell::draw_welcome() {
    if (!runner_.session().document.sources.empty() || files_.asks_about_crash()) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const ImVec2 middle = viewport->GetWorkCenter();
    const Vec2 centre = std::exchange(welcome_at_, std::nullopt).value_or(Vec2{middle.x, middle.y});
    if (to_above_) ImGui::SetNextWindowFocus();
    ImGui::SetNextWindowPos({centre.x, centre.y}, ImGuiCond_Always, {0.5F, 0.5F});
    (void)begin_above("##welcome", nullptr,
                      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize);
    ImGui::PushFont(font_of(Font::bold), 24.0F);
    ImGui::TextUnformatted("Splatscope");
    ImGui::PopFont();
    ImGui::TextUnformatted("See what attends to what: open a text or a file of embeddings,");
    ImGui::TextUnformatted("or drop one on this window.");
    ImGui::Dummy({0.0F, 8.0F});
    if (ImGui::Button("Open a file ...   Ctrl+O")) runner_.submit("window.open");
    ImGui::Dummy({0.0F, 4.0F});
    ImGui::TextDisabled("Samples");
    for (const std::string& name : sample_names())
        if (ImGui::Button(("sample:" + name).c_str())) runner_.submit("open sample:" + name);
    ImGui::Dummy({0.0F, 4.0F});
    if (ImGui::Button("The first five minutes")) runner_.submit("guide.start");
    if (files_.has_recent()) {
        ImGui::Dummy({0.0F, 4.0F});
        ImGui::TextDisabled("Recent files");
        files_.draw_recent("open ", true);
    }
    const ImVec2 corner = ImGui::GetWindowPos();
    const ImVec2 size = ImGui::GetWindowSize();
    welcome_ = {{corner.x, corner.y}, {corner.x + size.x, corner.y + size.y}};
    ImGui::End();
}

}  // namespace splatscope
