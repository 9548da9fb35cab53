"""A filing as a workbook: how it is laid out, written, read back, compared in three ways, and returned with errors."""
