"""What people open and print: figures, imports, exports, published tables, surveys, report and sheet."""
