/// The grammar of Python 3.11 as the error pass walks it: statements. See `GrammarReader` for the notation.
///
/// Rules, their order and the order of alternatives decide which error is found first, so they follow the language's own
/// grammar; rules whose name begins with `bad_` match only wrong programs and name what is wrong with them.
enum GrammarText {
  static let statements: StaticString = #"""
    file = statements? ENDMARKER
    interactive = statement_line
    eval = expressions NEWLINE* ENDMARKER
    func_type = '(' type_list? ')' '->' expression NEWLINE* ENDMARKER
    fstring = star_expressions

    statements = statement+
    statement = compound | simple_line
    statement_line = compound NEWLINE | simple_line | NEWLINE | ENDMARKER => none
    simple_line = simple !';' NEWLINE | ';'.simple+ ';'? NEWLINE
    simple # = assignment | star_expressions | &'return' return | &('import' | 'from') import | &'raise' raise
      | 'pass' | &'del' del | &'yield' yield_expr | &'assert' assert | 'break' | 'continue' | &'global' global
      | &'nonlocal' nonlocal
    compound = &('def' | '@' | 'async') function_def | &'if' if | &('class' | '@') class_def
      | &('with' | 'async') with | &('for' | 'async') for | &'try' try | &'while' while | match

    assignment = ^6 "Variable annotation syntax is" NAME ':' expression ('=' annotated_value)?
      | ^6 "Variable annotations syntax is" ('(' single_target ')' | attribute_target) ':' expression ('=' annotated_value)?
      | (star_targets '=')+ (yield_expr | star_expressions) !'=' TYPE_COMMENT?
      | single_target augmented ~ (yield_expr | star_expressions)
      | bad_assignment
    annotated_value = yield_expr | star_expressions
    augmented = '+=' | '-=' | '*=' | ^5 "The '@' operator is" '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='

    return = 'return' star_expressions?
    raise = 'raise' expression ('from' expression)? | 'raise'
    global = 'global' ','.NAME+
    nonlocal = 'nonlocal' ','.NAME+
    del = 'del' del_targets &(';' | NEWLINE) | bad_del
    assert = 'assert' expression (',' expression)?
    import = import_name | import_from
    import_name = 'import' ','.dotted_as_name+
    import_from = 'from' ('.' | '...')* dotted_name 'import' import_targets | 'from' ('.' | '...')+ 'import' import_targets
    import_targets = '(' import_as_names ','? ')' | import_as_names !',' | '*' | bad_import_targets
    import_as_names = ','.import_as_name+
    import_as_name = NAME ('as' NAME)?
    dotted_as_name = dotted_name ('as' NAME)?
    dotted_name @ = dotted_name '.' NAME | NAME

    block # = NEWLINE INDENT statements DEDENT | simple_line | bad_block
    decorators = ('@' named_expression NEWLINE)+
    class_def = decorators class_raw | class_raw
    class_raw = bad_class | 'class' NAME ('(' arguments? ')')? ':' block
    function_def = decorators function_raw | function_raw
    function_raw = bad_def
      | 'def' NAME &&'(' params? ')' ('->' expression)? &&':' func_comment? block
      | ^5 "Async functions are" 'async' 'def' NAME &&'(' params? ')' ('->' expression)? &&':' func_comment? block
    func_comment = NEWLINE TYPE_COMMENT &(NEWLINE INDENT) | bad_two_comments | TYPE_COMMENT

    params = bad_params | parameters
    parameters = ^8 "Positional-only parameters are" slash_plain param_plain* param_default* star_etc?
      | ^8 "Positional-only parameters are" slash_default param_default* star_etc?
      | param_plain+ param_default* star_etc?
      | param_default+ star_etc?
      | star_etc
    slash_plain = param_plain+ '/' ',' | param_plain+ '/' &')'
    slash_default = param_plain* param_default+ '/' ',' | param_plain* param_default+ '/' &')'
    star_etc = bad_star_etc
      | '*' param_plain param_maybe* kwds?
      | '*' param_plain_star param_maybe* kwds?
      | '*' ',' param_maybe+ kwds?
      | kwds
    kwds = bad_kwds | '**' param_plain
    param_plain = a:param ',' TYPE_COMMENT? => a | a:param TYPE_COMMENT? &')' => a
    param_plain_star = param_star ',' TYPE_COMMENT? | param_star TYPE_COMMENT? &')'
    param_default = param default ',' TYPE_COMMENT? | param default TYPE_COMMENT? &')'
    param_maybe = param default? ',' TYPE_COMMENT? | param default? TYPE_COMMENT? &')'
    param = NAME annotation?
    param_star = NAME star_annotation
    annotation = ':' expression
    star_annotation = ':' star_expression
    default = '=' expression | bad_default

    if = bad_if | 'if' named_expression ':' block elif | 'if' named_expression ':' block else?
    elif = bad_elif | 'elif' named_expression ':' block elif | 'elif' named_expression ':' block else?
    else = bad_else | 'else' &&':' block
    while = bad_while | 'while' named_expression ':' block else?
    for = bad_for
      | 'for' star_targets 'in' ~ star_expressions ':' TYPE_COMMENT? block else?
      | ^5 "Async for loops are" 'async' 'for' star_targets 'in' ~ star_expressions ':' TYPE_COMMENT? block else?
      | bad_for_target
    with = bad_with_indent
      | ^9 "Parenthesized context managers are" 'with' '(' ','.with_item+ ','? ')' ':' block
      | 'with' ','.with_item+ ':' TYPE_COMMENT? block
      | ^5 "Async with statements are" 'async' 'with' '(' ','.with_item+ ','? ')' ':' block
      | ^5 "Async with statements are" 'async' 'with' ','.with_item+ ':' TYPE_COMMENT? block
      | bad_with
    with_item = expression 'as' star_target &(',' | ')' | ':') | bad_with_item | expression
    try = bad_try
      | 'try' &&':' block finally
      | 'try' &&':' block except+ else? finally?
      | ^11 "Exception groups are" 'try' &&':' block except_star+ else? finally?
    except = bad_except_indent | 'except' expression ('as' NAME)? ':' block | 'except' ':' block | bad_except
    except_star = bad_except_star_indent | 'except' '*' expression ('as' NAME)? ':' block | bad_except
    finally = bad_finally | 'finally' &&':' block

    match = ^10 "Pattern matching is" "match" subject ':' NEWLINE INDENT case_block+ DEDENT | bad_match
    subject = star_named_expression ',' star_named_expressions? | named_expression
    case_block = bad_case | "case" patterns guard? ':' block
    guard = 'if' named_expression
    patterns = open_sequence | pattern
    pattern = as_pattern | or_pattern
    as_pattern = or_pattern 'as' capture_target | bad_as_pattern
    or_pattern = a:'|'.closed_pattern+ => single a
    closed_pattern # = literal_pattern | capture_target | "_" | value_pattern | group_pattern | sequence_pattern
      | mapping_pattern | class_pattern
    literal_pattern = signed_number !('+' | '-') | complex_number | strings | 'None' | 'True' | 'False'
    complex_number = signed_real '+' imaginary | signed_real '-' imaginary
    signed_number = NUMBER | '-' NUMBER
    signed_real = real_number | '-' real_number
    real_number = a:NUMBER => call ensureReal a
    imaginary = a:NUMBER => call ensureImaginary a
    capture_target = !"_" NAME !('.' | '(' | '=')
    value_pattern = attr !('.' | '(' | '=')
    attr @ = name_or_attr '.' NAME
    name_or_attr ! = attr | NAME
    group_pattern = '(' a:pattern ')' => a
    sequence_pattern = '[' maybe_sequence? ']' | '(' open_sequence? ')'
    open_sequence = maybe_star_pattern ',' maybe_sequence?
    maybe_sequence = ','.maybe_star_pattern+ ','?
    maybe_star_pattern = star_pattern | pattern
    star_pattern # = '*' capture_target | '*' "_"
    mapping_pattern = '{' '}' | '{' double_star_pattern ','? '}' | '{' items_pattern ',' double_star_pattern ','? '}'
      | '{' items_pattern ','? '}'
    items_pattern = ','.key_value_pattern+
    key_value_pattern = (literal_pattern | attr) ':' pattern
    double_star_pattern = '**' capture_target
    class_pattern = name_or_attr '(' ')'
      | name_or_attr '(' positional_patterns ','? ')'
      | name_or_attr '(' keyword_patterns ','? ')'
      | name_or_attr '(' positional_patterns ',' keyword_patterns ','? ')'
      | bad_class_pattern
    positional_patterns = ','.pattern+
    keyword_patterns = ','.keyword_pattern+
    keyword_pattern = NAME '=' pattern
    type_list = ','.expression+ ',' '*' expression ',' '**' expression
      | ','.expression+ ',' '*' expression
      | ','.expression+ ',' '**' expression
      | '*' expression ',' '**' expression
      | '*' expression
      | '**' expression
      | ','.expression+
    """#
}
