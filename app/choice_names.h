#pragma once

#include "app/session.h"

#include <string>
#include <vector>

namespace splatscope {

// The words that stand for the values of a choice, in their order.
template <class E>
std::vector<std::string> choice_names();
template <>
std::vector<std::string> choice_names<hsa::Form>();
template <>
std::vector<std::string> choice_names<hsa::AttentionMode>();
template <>
std::vector<std::string> choice_names<BackendName>();
template <>
std::vector<std::string> choice_names<hsa::Precision>();
template <>
std::vector<std::string> choice_names<hsa::Storage>();
template <>
std::vector<std::string> choice_names<hsa::Normalise>();
template <>
std::vector<std::string> choice_names<hsa::CovarianceKind>();
template <>
std::vector<std::string> choice_names<hsa::Smoothing>();
template <>
std::vector<std::string> choice_names<hsa::EmbedMethod>();
template <>
std::vector<std::string> choice_names<hsa::ReplaceMode>();
template <>
std::vector<std::string> choice_names<hsa::TargetSource>();
template <>
std::vector<std::string> choice_names<hsa::Preset>();
template <>
std::vector<std::string> choice_names<hsa::Thresholds>();
template <>
std::vector<std::string> choice_names<hsa::AutomaticRepair>();
template <>
std::vector<std::string> choice_names<hsa::Fallback>();
template <>
std::vector<std::string> choice_names<ColourMapName>();
template <>
std::vector<std::string> choice_names<MapScale>();
template <>
std::vector<std::string> choice_names<hsa::Statistic>();
template <>
std::vector<std::string> choice_names<MapCompare>();
template <>
std::vector<std::string> choice_names<MapSide>();
template <>
std::vector<std::string> choice_names<hsa::StrengthBy>();
template <>
std::vector<std::string> choice_names<SplatStyle>();
template <>
std::vector<std::string> choice_names<HandlesShown>();
template <>
std::vector<std::string> choice_names<PointColour>();
template <>
std::vector<std::string> choice_names<TreeForm>();
template <>
std::vector<std::string> choice_names<TimelineLanes>();
template <>
std::vector<std::string> choice_names<TimelineCurve>();
template <>
std::vector<std::string> choice_names<LineageLines>();
template <>
std::vector<std::string> choice_names<TextTint>();
template <>
std::vector<std::string> choice_names<hsa::Things>();
template <>
std::vector<std::string> choice_names<Tool>();
template <>
std::vector<std::string> choice_names<PictureFormat>();
template <>
std::vector<std::string> choice_names<PictureUnit>();
template <>
std::vector<std::string> choice_names<Ground>();
template <>
std::vector<std::string> choice_names<Part>();
template <>
std::vector<std::string> choice_names<ThemeName>();

}  // namespace splatscope
