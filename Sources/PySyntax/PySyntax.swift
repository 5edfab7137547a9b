// Placeholder so that the package graph builds.
