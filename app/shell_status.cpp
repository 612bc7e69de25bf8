// The line at the foot of the window: what runs, what is selected, what was told, what to try.
#include "app/shell.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

namespace splatscope {
namespace {

ImVec4 vec(Colour c) {
    return {static_cast<float>(c.r) / 255.0F, static_cast<float>(c.g) / 255.0F,
            static_cast<float>(c.b) / 255.0F, 1.0F};
}

}  // namespace

float Shell::status_height() { return ImGui::GetFrameHeight(); }

void Shell::draw_status() {
    const Theme& shown = colours();
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float height = status_height();
    ImGui::SetNextWindowPos(
        {viewport->WorkPos.x, viewport->WorkPos.y + viewport->WorkSize.y - height});
    ImGui::SetNextWindowSize({viewport->WorkSize.x, height});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, vec(shown.background));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {12.0F, 3.0F});
    ImGui::Begin("##status", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
    const hsa::Progress progress = exporting_ ? hsa::Progress{} : runner_.progress();
    if (!progress.step.empty()) {
        ImGui::TextUnformatted(progress.step.c_str());
        ImGui::SameLine();
        ImGui::ProgressBar(static_cast<float>(progress.fraction), {160.0F, 12.0F}, "");
        ImGui::SameLine();
        if (progress.step != step_) {
            step_ = progress.step;
            step_began_ = time_;
        }
        const std::string left = time_left_text(progress.fraction, time_ - step_began_);
        if (!left.empty()) {
            ImGui::TextDisabled("%s", left.c_str());
            ImGui::SameLine();
        }
        if (ImGui::SmallButton("Cancel (Esc)")) runner_.submit("cancel");
        awaits_ = true;
    } else {
        ImGui::TextDisabled("%s", runner_.snapshot().error.empty() ? "ready" : "stopped");
    }
    const std::string selection = describe(runner_.session().document.selection);
    const float scale = ImGui::GetStyle().FontScaleMain;
    const auto place_at = [&](float share) {
        ImGui::SameLine(0.0F, 24.0F * scale);
        ImGui::SetCursorPosX(std::max(ImGui::GetCursorPosX(), viewport->WorkSize.x * share));
    };
    if (!selection.empty()) {
        place_at(0.34F);
        ImGui::TextColored(vec(shown.accent), "Selection: %s", visual_words(selection).c_str());
    }
    std::string text = runner_.snapshot().error;
    bool is_error = !text.empty();
    if (!exporting_ && !messages_.empty()) {
        text = messages_.back().text;
        is_error = messages_.back().is_error;
    }
    if (text.empty() && !exporting_ && runner_.session().desk.guide) {
        place_at(0.52F);
        draw_guide(guide_step(runner_.session(), runner_.snapshot(), saved_picture_),
                   ImGui::GetContentRegionAvail().x);
        ImGui::End();
        ImGui::PopStyleVar();
        ImGui::PopStyleColor();
        return;
    }
    if (text.empty() && !runner_.snapshot().notes.empty()) text = runner_.snapshot().notes.front();
    if (!text.empty()) {
        place_at(0.52F);
        const float room = ImGui::GetContentRegionAvail().x;
        ImGui::PushStyleColor(ImGuiCol_Text, vec(is_error ? shown.error : shown.secondary));
        const ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures_, {}, 1.0F);
        const TextStyle style{{}, Font::text, kTextSize * scale};
        ImGui::TextUnformatted(visual_words(canvas.fit(text, style, room)).c_str());
        ImGui::PopStyleColor();
        ImGui::SetItemTooltip("%s", visual_words(text).c_str());
    }
    ImGui::End();
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
}

// What to try next, and the way out.
void Shell::draw_guide(const GuideStep& step, float room) {
    const Theme& colours = theme(runner_.session().desk.theme);
    const float scale = ImGui::GetStyle().FontScaleMain;
    const bool over = step.number > kGuideSteps;
    const char* label = over ? "Done" : "Skip";
    const float button = ImGui::CalcTextSize(label).x + 32.0F * scale;
    const std::string text =
        over ? step.text : fmt::format("{} of {}: {}", step.number, kGuideSteps, step.text);
    const ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures_, {}, 1.0F);
    const TextStyle style{{}, Font::text, kTextSize * scale};
    ImGui::TextColored(vec(colours.accent), "%s", canvas.fit(text, style, room - button).c_str());
    ImGui::SetItemTooltip("%s", text.c_str());
    ImGui::SameLine();
    if (ImGui::SmallButton(label)) runner_.submit("guide.skip");
}

}  // namespace splatscope
