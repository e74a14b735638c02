// SPDX-License-Identifier: MIT
#include "widgets/panels/training_offer.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "widgets/panels/controls.h"

#include <qendian.h>

#include <QDir>
#include <QFile>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <cstdlib>

namespace depthscope::panels {

namespace {

constexpr int kEdge = 8; // in line with the text of a message above
constexpr int kGap = 8;

/// Of a safetensors file: the length of its JSON, little-endian, then the JSON.
QByteArray headOf(QFile& file) {
    constexpr qint64 kMost = 16 * 1024 * 1024;
    const QByteArray length = file.read(sizeof(quint64));
    if (length.size() != sizeof(quint64)) {
        return {};
    }
    const auto bytes = qFromLittleEndian<quint64>(length.constData());
    return bytes <= kMost ? file.read(static_cast<qint64>(bytes)) : QByteArray();
}

} // namespace

std::optional<CheckpointSteps> checkpointSteps(const QString& folder) {
    QFile file(folder + QStringLiteral("/checkpoint.safetensors"));
    if (!file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    try {
        const JsonFile head(std::string_view(headOf(file).toStdString()),
                            file.fileName().toStdString());
        const JsonField metadata = head.root().at("__metadata__");
        const auto number = [&](const char* name) {
            return std::strtoll(metadata.at(name).string().c_str(), nullptr, 10);
        };
        return CheckpointSteps{number("step"), number("steps")};
    } catch (const Error&) {
        return std::nullopt; // resuming says what is wrong with it
    }
}

TrainingOffer::TrainingOffer(QWidget* window)
    : QToolBar(tr("Training to resume"), window) {
    setObjectName(QStringLiteral("offer"));
    setMovable(false);
    toggleViewAction()->setVisible(false);
    // One widget: a bar puts what it has no room for into a menu.
    auto* all = new QWidget(this);
    all->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(all);
    row->setContentsMargins(kEdge, 0, 0, 0);
    row->setSpacing(kGap);
    m_text = new QLabel(all);
    m_folder = new QLabel(all);
    m_folder->setObjectName(QStringLiteral("muted"));
    m_folder->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* accept = makeButton("training-offer.resume", tr("Resume"), all);
    accept->setProperty("primary", true);
    accept->setToolTip(tr("Continues the training from its checkpoint"));
    auto* discard = makeButton("training-offer.discard", tr("Discard offer"), all);
    discard->setToolTip(tr("Removes this offer; the checkpoint stays in its folder"));
    row->addWidget(m_text);
    row->addWidget(m_folder, 1);
    row->addWidget(accept);
    row->addWidget(discard);
    addWidget(all);
    connect(accept, &QPushButton::clicked, this, &TrainingOffer::goOn);
    connect(discard, &QPushButton::clicked, this, [this] {
        withdraw();
        Q_EMIT discarded();
    });
    hide();
}

void TrainingOffer::offer(const runtime::TrainRequest& request) {
    m_request = request;
    const QString folder = QString::fromStdString(request.outFolder);
    const QString name = QString::fromStdString(request.preset).toHtmlEscaped();
    const QLocale locale;
    const auto steps = checkpointSteps(folder);
    m_text->setText(steps ? tr("Training <b>%1</b> stopped at step %2 of %3.")
                                .arg(name, locale.toString(qlonglong{steps->done}),
                                     locale.toString(qlonglong{steps->all}))
                          : tr("Training <b>%1</b> stopped before its first checkpoint: it would "
                               "start again.")
                                .arg(name));
    m_folder->setText(QDir::toNativeSeparators(folder));
    m_folder->setToolTip(m_folder->text());
    show();
}

void TrainingOffer::withdraw() {
    m_request.reset();
    hide();
}

void TrainingOffer::goOn() {
    const std::optional<runtime::TrainRequest> request = m_request;
    withdraw();
    if (request) {
        Q_EMIT accepted(*request);
    }
}

} // namespace depthscope::panels
