#pragma once

#include "app/session.h"
#include "app/setting_list/adaptation.h"
#include "app/setting_list/attention.h"
#include "app/setting_list/compute.h"
#include "app/setting_list/map.h"
#include "app/setting_list/splats.h"
#include "app/setting_list/views.h"
#include "app/setting_list/window.h"

namespace splatscope {

// The one list of every setting: calls visitor(name, member, Limits, help) for each, for a const or
// a mutable Session alike. Settings named by a level (mute, solo) are handled in settings.cpp,
// since their names depend on the data.
template <class S, class Visitor>
void visit(S& session, Visitor&& visitor) {
    visit_attention(session.document, visitor);
    visit_adaptation(session.document, visitor);
    visit_compute(session, visitor);
    visit_map(session.desk, visitor);
    visit_splats(session.desk, visitor);
    visit_views(session.desk, visitor);
    visit_window(session.desk, visitor);
}

}  // namespace splatscope
