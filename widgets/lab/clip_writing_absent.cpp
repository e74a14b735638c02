// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) writes no clip: the window shows no way to.
#include "widgets/lab/clip_export.h"
#include "widgets/lab/clip_maker.h"

namespace depthscope::lab {

int ExportChoice::enlarged() const {
    return 1;
}

struct ClipExport::Engine {};

ClipExport::ClipExport(LabController& lab)
    : WindowTask(&lab)
    , m_lab(lab) {}

ClipExport::~ClipExport() = default;

std::vector<ExportFormat> ClipExport::formats() {
    return {};
}

ExportPlan ClipExport::planOf(const ExportChoice&) {
    return {};
}

void ClipExport::start(const ExportChoice&) {}

void ClipExport::stop() {}

QString ClipExport::title() const {
    return {};
}

void ClipExport::refresh() {}

struct ClipMaker::Engine {};

ClipMaker::ClipMaker(LabController& lab)
    : WindowTask(&lab)
    , m_lab(lab) {}

ClipMaker::~ClipMaker() = default;

QString ClipMaker::nameOf(const NewClip&) {
    return {};
}

QString ClipMaker::title() const {
    return {};
}

void ClipMaker::make(const NewClip&) {}

void ClipMaker::onEvent(const runtime::Event&) {}

void ClipMaker::write(const runtime::ClipReport&) {}

void ClipMaker::refresh() {}

} // namespace depthscope::lab
