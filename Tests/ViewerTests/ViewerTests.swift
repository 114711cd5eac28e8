import Testing

/// Tests of the viewer, one after the other: they share one run and two processor cores.
@Suite(.serialized) enum ViewerTests {}
