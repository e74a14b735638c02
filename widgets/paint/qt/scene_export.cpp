// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/scene_export.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "widgets/paint/qt/fonts.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QBuffer>
#include <QFileInfo>
#include <QFontMetricsF>
#include <QImageWriter>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QXmlStreamWriter>
#include <algorithm>
#include <cmath>

namespace depthscope::paint::qt {

namespace {

constexpr int kMostScale = 4;
constexpr float kMostSide = 16384;    // logical pixels; PDF pages may not be much larger
constexpr double kMostPixels = 200e6; // of a PNG: 800 MB while it is painted
constexpr double kPointsPerPixel = 72.0 / 96.0;
constexpr int kPdfResolution = 1200;

/// The scene above its caption, in logical pixels.
struct Page {
    const scene::Scene& scene;
    const ExportOptions& options;
    QRectF captionBox; ///< empty: no caption
    QSizeF size;
};

QColor toQt(scene::Color c) {
    return {c.r, c.g, c.b, c.a};
}

QFont captionFont(const scene::Theme& theme) {
    return fontFor({scene::FontFamily::Ui, theme.smallSize, scene::FontWeight::Regular});
}

Page layOut(const scene::Scene& scene, const ExportOptions& options) {
    const double width = double{scene.bounds.width};
    Page page{scene, options, {}, {width, double{scene.bounds.height}}};
    if (options.caption.isEmpty()) {
        return page;
    }
    const double margin = double{options.theme.grid};
    const QRectF room(margin, page.size.height() + margin, std::max(1.0, width - 2 * margin), 1e6);
    const QRectF text = QFontMetricsF(captionFont(options.theme))
                            .boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, options.caption);
    page.captionBox = {room.x(), room.y(), room.width(), std::ceil(text.height())};
    page.size.setHeight(std::ceil(page.captionBox.bottom() + margin));
    return page;
}

void paintPage(QPainter& painter, const Page& page) {
    const scene::Theme& theme = page.options.theme;
    painter.fillRect(QRectF({0, 0}, page.size), toQt(theme.surface));
    painter.save();
    painter.translate(-double{page.scene.bounds.x}, -double{page.scene.bounds.y});
    paintScene(painter, page.scene);
    painter.restore();
    if (page.captionBox.isEmpty()) {
        return;
    }
    const double top = double{page.scene.bounds.height};
    painter.fillRect(QRectF(0, top, page.size.width(), 1), toQt(theme.hairline));
    painter.setFont(captionFont(theme));
    painter.setPen(toQt(theme.muted));
    painter.drawText(page.captionBox, Qt::AlignLeft | Qt::TextWordWrap, page.options.caption);
}

void writePng(QIODevice& device, const Page& page) {
    const int scale = page.options.scale;
    const QSize size = (page.size * scale).toSize();
    if (double{page.size.width()} * page.size.height() * scale * scale > kMostPixels) {
        throw Error(ErrorCode::BadInput, "the picture is too large for PNG",
                    "Choose a smaller scale, or SVG or PDF.");
    }
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) {
        throw Error(ErrorCode::OutOfMemory, "out of memory for the picture",
                    "Choose a smaller scale.");
    }
    QPainter painter(&image);
    painter.scale(scale, scale);
    paintPage(painter, page);
    painter.end();
    image = image.convertToFormat(QImage::Format_RGB32);
    const int dotsPerMetre = static_cast<int>(std::lround(96 * scale / 0.0254));
    image.setDotsPerMeterX(dotsPerMetre);
    image.setDotsPerMeterY(dotsPerMetre);
    QImageWriter writer(&device, "png");
    if (!page.options.title.isEmpty()) {
        writer.setText(QStringLiteral("Title"), page.options.title);
    }
    if (!page.options.recipe.isEmpty()) {
        writer.setText(QStringLiteral("depthscope"), page.options.recipe);
    }
    if (!writer.write(image)) {
        throw Error(ErrorCode::OutOfMemory, writer.errorString().toStdString());
    }
}

// Qt 6.4 writes title and description unescaped, later versions may not: they are put in
// afterwards.
void writeSvg(QIODevice& device, const Page& page) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(page.size.toSize());
    generator.setViewBox(QRectF({0, 0}, page.size));
    generator.setResolution(96);
    QPainter painter(&generator);
    paintPage(painter, page);
    painter.end();

    QString described;
    if (!page.options.title.isEmpty()) {
        described += QStringLiteral("\n<title>%1</title>").arg(page.options.title.toHtmlEscaped());
    }
    if (!page.options.recipe.isEmpty()) {
        described += QStringLiteral("\n<desc>%1</desc>").arg(page.options.recipe.toHtmlEscaped());
    }
    QByteArray svg = buffer.data();
    const qsizetype from = svg.indexOf('>', svg.indexOf("<svg")) + 1;
    const qsizetype to = svg.indexOf("<defs", from); // a title of Qt's own may stand between
    svg.replace(from, std::max<qsizetype>(0, to - from), (described + QLatin1Char('\n')).toUtf8());
    device.write(svg);
}

// As XMP, because the information dictionary has no place for a description.
QByteArray pdfMetadata(const ExportOptions& options) {
    const QString rdf = QStringLiteral("http://www.w3.org/1999/02/22-rdf-syntax-ns#");
    const QString dc = QStringLiteral("http://purl.org/dc/elements/1.1/");
    QByteArray bytes;
    QXmlStreamWriter xml(&bytes);
    const auto entry = [&](const QString& name, const QString& text) {
        xml.writeStartElement(dc, name);
        xml.writeStartElement(rdf, QStringLiteral("Alt"));
        xml.writeStartElement(rdf, QStringLiteral("li"));
        xml.writeAttribute(QStringLiteral("xml:lang"), QStringLiteral("x-default"));
        xml.writeCharacters(text);
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    };
    xml.writeProcessingInstruction(QStringLiteral("xpacket"),
                                   QStringLiteral("begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\""));
    xml.writeNamespace(QStringLiteral("adobe:ns:meta/"), QStringLiteral("x"));
    xml.writeStartElement(QStringLiteral("adobe:ns:meta/"), QStringLiteral("xmpmeta"));
    xml.writeNamespace(rdf, QStringLiteral("rdf"));
    xml.writeNamespace(dc, QStringLiteral("dc"));
    xml.writeStartElement(rdf, QStringLiteral("RDF"));
    xml.writeStartElement(rdf, QStringLiteral("Description"));
    xml.writeAttribute(rdf, QStringLiteral("about"), QString());
    entry(QStringLiteral("title"), options.title);
    entry(QStringLiteral("description"), options.recipe);
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeProcessingInstruction(QStringLiteral("xpacket"), QStringLiteral("end=\"w\""));
    return bytes;
}

void writePdf(QIODevice& device, const Page& page) {
    QPdfWriter writer(&device);
    writer.setResolution(kPdfResolution);
    writer.setPageSize(
        QPageSize(page.size * kPointsPerPixel, QPageSize::Point, QString(), QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setTitle(page.options.title);
    writer.setCreator(QStringLiteral("Depthscope"));
    writer.setDocumentXmpMetadata(pdfMetadata(page.options));
    QPainter painter(&writer);
    painter.scale(kPdfResolution / 96.0, kPdfResolution / 96.0);
    paintPage(painter, page);
}

using Write = void (*)(QIODevice&, const Page&);

Write writerFor(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("png")) {
        return writePng;
    }
    if (suffix == QLatin1String("svg")) {
        return writeSvg;
    }
    if (suffix == QLatin1String("pdf")) {
        return writePdf;
    }
    throw Error(ErrorCode::Usage, fmt::format("unknown picture format: {}", path.toStdString()),
                "Use the extension .svg, .pdf or .png.");
}

void check(const scene::Scene& scene, const QString& path, const ExportOptions& options) {
    if (options.scale < 1 || options.scale > kMostScale) {
        throw Error(ErrorCode::Usage,
                    fmt::format("scale {} is out of range: {}", options.scale, path.toStdString()),
                    "Choose a scale from 1 to 4.");
    }
    const bool visible = scene.bounds.width >= 1 && scene.bounds.height >= 1;
    if (!visible || scene.bounds.width > kMostSide || scene.bounds.height > kMostSide) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("a picture of this size cannot be saved: {}", path.toStdString()),
                    "Choose a size from 1 to 16,384 pixels per side.");
    }
}

} // namespace

void saveScene(const scene::Scene& scene, const QString& path, const ExportOptions& options) {
    const Write write = writerFor(path);
    check(scene, path, options);
    QSaveFile file(path);
    const auto failed = [&](ErrorCode code, const QString& reason) {
        return Error(code,
                     fmt::format("cannot write {}: {}", path.toStdString(), reason.toStdString()),
                     "Choose an existing, writable folder with enough free space.");
    };
    if (!file.open(QIODevice::WriteOnly)) {
        throw failed(ErrorCode::BadInput, file.errorString());
    }
    try {
        write(file, layOut(scene, options));
    } catch (const Error& error) {
        file.cancelWriting();
        throw Error(error.code(),
                    fmt::format("cannot write {}: {}", path.toStdString(), error.message()),
                    error.hint());
    }
    if (!file.commit()) {
        throw failed(ErrorCode::OutOfMemory, file.errorString());
    }
}

} // namespace depthscope::paint::qt
