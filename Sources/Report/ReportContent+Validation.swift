import CryoIO

extension ReportContent {
    /// Throws for columns that do not belong together. A report that draws a colouring over the wrong
    /// particles would mislead without a sign of it.
    func validate() throws(DataError) {
        if let latent { try latent.validate() }
        for term in training {
            for curve in term.curves {
                try require(
                    curve.values.count, equals: curve.epochs.count,
                    "values of the curve \"\(curve.name)\" of \"\(term.name)\"")
            }
        }
        for section in added { try section.validate() }
        for state in states {
            for curve in state.fsc {
                try require(
                    curve.correlations.count, equals: curve.frequencies.count,
                    "correlations of the curve \"\(curve.name)\" of \"\(state.name)\"")
            }
            for image in state.slices + state.projections + state.differences {
                let name = "pixels of \"\(image.caption)\" of \"\(state.name)\""
                guard image.width > 0, image.height > 0 else {
                    throw DataError(
                        file: nil, "the report has no \(name)", found: "\(image.width) x \(image.height)",
                        wanted: "a picture of at least one pixel")
                }
                try require(image.values.count, equals: image.width * image.height, name)
            }
        }
        if let confusion {
            try require(
                confusion.counts.count, equals: confusion.clusters.count, "rows of the confusion table")
            for row in confusion.counts {
                try require(row.count, equals: confusion.truths.count, "columns of the confusion table")
            }
        }
    }
}

extension LatentView {
    /// A view without points is not shown, whatever it could be coloured by.
    func validate() throws(DataError) {
        guard count > 0 else { return }
        for component in pca?.components ?? [] {
            try require(component.count, equals: count, "points of the principal components")
        }
        if let pca, !pca.explainedVariance.isEmpty {
            try require(
                pca.explainedVariance.count, equals: pca.components.count,
                "explained variances of the principal components")
        }
        for colouring in colourings {
            try require(colouring.count, equals: count, "values of the colouring \"\(colouring.name)\"")
        }
    }
}

extension ReportSection {
    func validate() throws(DataError) {
        for part in parts {
            switch part {
            case .text, .warning: break
            case .table(let table):
                for row in table.rows {
                    try require(row.count, equals: table.columns.count, "cells of a row of \"\(title)\"")
                }
            case .pictures(let name, let images):
                for image in images {
                    try require(
                        image.values.count, equals: image.width * image.height, "pixels of \"\(name)\"")
                }
            case .plot(let plot): try plot.validate()
            }
        }
    }
}

extension ReportPlot {
    func validate() throws(DataError) {
        for trace in traces {
            try require(trace.y.count, equals: trace.x.count, "values of \"\(trace.name)\" of \"\(title)\"")
            if !trace.labels.isEmpty {
                try require(trace.labels.count, equals: trace.x.count, "labels of \"\(trace.name)\"")
            }
        }
        guard let field else { return }
        try require(field.values.count, equals: field.y.count, "rows of the field of \"\(title)\"")
        for row in field.values {
            try require(row.count, equals: field.x.count, "columns of the field of \"\(title)\"")
        }
    }
}

private func require(_ found: Int, equals wanted: Int, _ what: String) throws(DataError) {
    guard found == wanted else {
        throw DataError(
            file: nil, "the report can not match the \(what)", found: "\(found)", wanted: "\(wanted)")
    }
}
